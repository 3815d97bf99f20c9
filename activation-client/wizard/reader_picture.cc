// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/reader_picture.h"

#include <QPainter>

namespace fncard::activation_client::wizard {
namespace {

constexpr QSize kSize(240, 170);
constexpr QRectF kReader(40, 100, 160, 60);
constexpr QRectF kSlot(60, 100, 120, 6);
constexpr QRectF kCardOutside(75, 6, 90, 62);
constexpr QRectF kCardInside(75, 50, 90, 52);

void drawCard(QPainter& painter, const QRectF& card, const QColor& line) {
  painter.setPen(QPen(line, 2));
  painter.setBrush(QColor(0x0b, 0x53, 0x94));
  painter.drawRoundedRect(card, 6, 6);
  painter.setBrush(QColor(0xe5, 0xb9, 0x4e));  // the chip, which goes in first
  painter.drawRoundedRect(QRectF(card.left() + 12, card.top() + 26, 22, 17), 3, 3);
}

void drawArrow(QPainter& painter, const QColor& colour) {
  painter.setPen(QPen(colour, 4, Qt::SolidLine, Qt::RoundCap, Qt::RoundJoin));
  painter.drawLine(QPointF(120, 72), QPointF(120, 92));
  painter.drawPolyline(QPolygonF({{112, 84}, {120, 93}, {128, 84}}));
}

}  // namespace

ReaderPicture::ReaderPicture(QWidget* parent) : QWidget(parent) {
  setFixedSize(kSize);
}

void ReaderPicture::show(Shows what) {
  shows_ = what;
  update();
}

QSize ReaderPicture::sizeHint() const {
  return kSize;
}

void ReaderPicture::paintEvent(QPaintEvent* /*event*/) {
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  const QColor line = palette().color(QPalette::WindowText);
  if (shows_ == Shows::CardInside) {
    drawCard(painter, kCardInside, line);
  }
  painter.setPen(QPen(line, 2, shows_ == Shows::NoReader ? Qt::DashLine : Qt::SolidLine));
  painter.setBrush(palette().color(QPalette::Base));
  painter.drawRoundedRect(kReader, 8, 8);
  painter.setBrush(line);
  painter.drawRect(kSlot);
  if (shows_ == Shows::EmptyReader || shows_ == Shows::WrongCard) {
    drawCard(painter, kCardOutside, line);
    drawArrow(painter, line);
  }
  if (shows_ == Shows::WrongCard) {
    painter.setPen(QPen(QColor(0xc0, 0x20, 0x20), 5, Qt::SolidLine, Qt::RoundCap));
    painter.drawLine(kCardOutside.topLeft(), kCardOutside.bottomRight());
    painter.drawLine(kCardOutside.topRight(), kCardOutside.bottomLeft());
  }
}

}  // namespace fncard::activation_client::wizard
