// SPDX-License-Identifier: Apache-2.0
#include "agent/dialogs/pin_dialog.h"

#include <QFormLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QStyle>
#include <QVBoxLayout>
#include <utility>

#include "agent/dialogs/dialog_content.h"
#include "widgets/label.h"
#include "widgets/text.h"

namespace fncard::agent {
namespace {

using widgets::heading;
using widgets::label;
using widgets::PinField;
using widgets::textOf;

constexpr int kWidthInCharacters = 48;

/// May be longer than the window is wide, and has no blanks: it breaks after each dot.
QString breakable(const QString& origin) {
  constexpr qsizetype kFits = 36;
  return origin.size() <= kFits ? origin
                                : QString(origin).replace(u'.', QStringLiteral(u".\u200B"));
}

QFormLayout* factRows(const DialogContent& content) {
  auto* const rows = new QFormLayout;
  rows->setRowWrapPolicy(QFormLayout::WrapLongRows);
  rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  for (const auto& [name, value] : content.facts) {
    rows->addRow(name, label(value));
  }
  return rows;
}

QHBoxLayout* warning(const QString& text, const QStyle& style) {
  auto* const row = new QHBoxLayout;
  auto* const sign = new QLabel;
  const int size = style.pixelMetric(QStyle::PM_LargeIconSize);
  sign->setPixmap(style.standardIcon(QStyle::SP_MessageBoxWarning).pixmap(size));
  row->addWidget(sign);
  row->addWidget(label(text, true), 1);
  return row;
}

/// Keeps a dialog for as long as the core wants it. Deletes it from the event loop, for the dialog
/// may be in the middle of giving its answer.
class ShownDialog : public PinWindow {
 public:
  explicit ShownDialog(PinDialog* dialog) : dialog_(dialog) { dialog_->show(); }
  ~ShownDialog() override {
    dialog_->hide();
    dialog_->deleteLater();
  }
  Q_DISABLE_COPY_MOVE(ShownDialog)

 private:
  PinDialog* dialog_;
};

}  // namespace

PinDialog::PinDialog(const PinQuestion& question, messages::Language language, AnswerHandler answer)
    : language_(language),
      answer_(std::move(answer)),
      problem_(label({}, true)),
      cancel_(new QPushButton(textOf(language, "agent.button-cancel"))) {
  const DialogContent content = contentOf(question, language);
  setWindowTitle(content.title);
  setWindowFlag(Qt::WindowStaysOnTopHint);
  setAccessibleDescription(content.heading + QLatin1Char(' ') + content.origin);

  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(heading(content.heading));
  if (!content.origin.isEmpty()) {
    auto* const origin = heading(breakable(content.origin));
    origin->setAccessibleName(content.origin);
    origin->setObjectName("origin");
    layout->addWidget(origin);
  }
  if (!content.explanation.isEmpty()) {
    layout->addWidget(label(content.explanation));
  }
  layout->addLayout(factRows(content));
  if (!content.warning.isEmpty()) {
    layout->addLayout(warning(content.warning, *style()));
  }
  if (!content.note.isEmpty()) {
    layout->addWidget(label(content.note));
  }
  if (content.wantsPin) {
    addPinField(*layout, content.lastTry);
  }
  layout->addWidget(problem_);
  problem_->setObjectName("problem");
  problem_->hide();
  layout->addStretch();
  layout->addLayout(buttons(content.button));
  setMinimumWidth(fontMetrics().averageCharWidth() * kWidthInCharacters);
  adjustSize();
}

void PinDialog::addPinField(QVBoxLayout& layout, bool lastTry) {
  field_ = new PinField;
  field_->setObjectName("pin");
  QLabel* const pinLabel = label(textOf(language_, "agent.label-pin"));
  pinLabel->setBuddy(field_);
  field_->setAccessibleName(pinLabel->text());
  field_->setAccessibleDescription(textOf(language_, "agent.pin-field-description"));
  layout.addWidget(pinLabel);
  layout.addWidget(field_);
  if (lastTry) {
    lastTry_ = new QCheckBox(textOf(language_, "agent.last-try-confirm"));
    lastTry_->setObjectName("last-try");
    layout.addWidget(lastTry_);
  }
  field_->onReturn = [this] { confirm(); };
  field_->onNoDigit = [this] { tell("agent.digits-only"); };
}

QLayout* PinDialog::buttons(const QString& confirmText) {
  auto* const confirmButton = new QPushButton(confirmText);
  confirmButton->setObjectName("confirm");
  cancel_->setObjectName("cancel");
  connect(cancel_, &QPushButton::clicked, this, [this] { reject(); });
  connect(confirmButton, &QPushButton::clicked, this, [this] { confirm(); });
  auto* const row = new QHBoxLayout;
  row->addStretch();
  row->addWidget(confirmButton);
  row->addWidget(cancel_);
  return row;
}

void PinDialog::reject() {
  give(tl::unexpected(agent_link::Error::Cancelled));
}

void PinDialog::keyPressEvent(QKeyEvent* event) {
  // QDialog would press a default button for Return, wherever the focus is.
  if (event->key() != Qt::Key_Return && event->key() != Qt::Key_Enter) {
    QDialog::keyPressEvent(event);
  }
}

void PinDialog::showEvent(QShowEvent* event) {
  QDialog::showEvent(event);
  cancel_->setFocus();
  raise();
  activateWindow();
}

void PinDialog::confirm() {
  if (field_ == nullptr) {
    give(operations::Consent{});
    return;
  }
  if (lastTry_ != nullptr && !lastTry_->isChecked()) {
    tell("agent.last-try-needed");
    return;
  }
  auto pin = field_->take();
  if (!pin) {
    tell(card::messageCode(pin.error().code));
    field_->setFocus();
    return;
  }
  give(operations::Consent{.pin = std::move(*pin)});
}

void PinDialog::give(PinAnswer answer) {
  if (const AnswerHandler handler = std::exchange(answer_, nullptr)) {
    handler(std::move(answer));
  }
}

void PinDialog::tell(std::string_view code) {
  widgets::alert(*problem_, textOf(language_, code));
  adjustSize();
}

ShowPinWindow pinDialogs(messages::Language language) {
  return [language](const PinQuestion& question, AnswerHandler answer) {
    return std::make_unique<ShownDialog>(new PinDialog(question, language, std::move(answer)));
  };
}

}  // namespace fncard::agent
