// SPDX-License-Identifier: Apache-2.0
#include "agent/dialogs/pin_dialog.h"

#include <QAccessible>
#include <QFormLayout>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QStringList>
#include <QStyle>
#include <QVBoxLayout>
#include <utility>

#include "agent/core/display_text.h"
#include "agent/dialogs/texts.h"

namespace fncard::agent {
namespace {

using agent_link::PinRequest;
using agent_link::Purpose;

constexpr qsizetype kMaxName = 60;
constexpr qsizetype kMaxFile = 50;
constexpr int kWidthInCharacters = 48;

struct PurposeTexts {
  std::string_view heading;
  std::string_view explanation;
  std::string_view button;
};

PurposeTexts textsOf(Purpose purpose) {
  switch (purpose) {
    case Purpose::Signature:
      return {"agent.sign-heading", "agent.sign-explanation", "agent.button-sign"};
    case Purpose::Decryption:
      return {"agent.decrypt-heading", "agent.decrypt-explanation", "agent.button-decrypt"};
    case Purpose::Login:
      break;
  }
  return {"agent.login-heading", "agent.login-explanation", "agent.button-login"};
}

// Plain text, for parts of it are other people's.
QLabel* label(const QString& text, bool bold = false) {
  auto* const made = new QLabel(text);
  made->setTextFormat(Qt::PlainText);
  made->setWordWrap(true);
  QFont font = made->font();
  font.setBold(bold);
  made->setFont(font);
  return made;
}

QLabel* heading(const QString& text) {
  QLabel* const made = label(text, true);
  QFont font = made->font();
  font.setPointSizeF(font.pointSizeF() * 1.25);
  made->setFont(font);
  return made;
}

QString headingOf(const PinRequest& request, messages::Language language) {
  QString program = displayText(request.program, kMaxName);
  if (program.isEmpty()) {
    program = textOf(language, "agent.some-program");
  }
  return textOf(language, textsOf(request.purpose).heading, {{"program", program.toStdString()}});
}

/// What is known of asker and card, a line each; unknown things have none.
QFormLayout* facts(const PinQuestion& question, messages::Language language) {
  auto* const rows = new QFormLayout;
  rows->setRowWrapPolicy(QFormLayout::WrapLongRows);
  rows->setFieldGrowthPolicy(QFormLayout::AllNonFixedFieldsGrow);
  const auto add = [&](std::string_view code, const std::string& value, qsizetype maxCharacters) {
    const QString shown = displayText(value, maxCharacters);
    if (!shown.isEmpty()) {
      rows->addRow(textOf(language, code), label(shown));
    }
  };
  add("agent.label-holder", question.request.holder, kMaxName);
  add("agent.label-card", question.request.cardNumber, kMaxName);
  add("agent.label-program-file", question.programFile, kMaxFile);
  return rows;
}

/// What the person must know of earlier and further tries; empty when there is nothing.
QString triesText(const PinRequest& request, messages::Language language) {
  QStringList sentences;
  if (request.wrongPinBefore) {
    sentences += textOf(language, "agent.wrong-pin");
  }
  if (request.triesLeft == 1U) {
    sentences += textOf(language, "agent.last-try");
  } else if (request.triesLeft) {
    sentences +=
        textOf(language, "agent.tries-left", {{"tries", std::to_string(*request.triesLeft)}});
  }
  return sentences.join(QLatin1Char('\n'));
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
      field_(new PinField),
      problem_(label({}, true)),
      cancel_(new QPushButton(textOf(language, "agent.button-cancel"))) {
  const PinRequest& request = question.request;
  const PurposeTexts texts = textsOf(request.purpose);
  setWindowTitle(textOf(language, "agent.window-title"));
  setWindowFlag(Qt::WindowStaysOnTopHint);
  setAccessibleDescription(headingOf(request, language));

  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(heading(headingOf(request, language)));
  layout->addWidget(label(textOf(language, texts.explanation)));
  layout->addLayout(facts(question, language));
  const QString tries = triesText(request, language);
  if (request.wrongPinBefore || request.triesLeft == 1U) {
    layout->addLayout(warning(tries, *style()));
  } else if (!tries.isEmpty()) {
    layout->addWidget(label(tries));
  }

  QLabel* const pinLabel = label(textOf(language, "agent.label-pin"));
  pinLabel->setBuddy(field_);
  field_->setAccessibleName(pinLabel->text());
  field_->setAccessibleDescription(textOf(language, "agent.pin-field-description"));
  layout->addWidget(pinLabel);
  layout->addWidget(field_);
  if (request.triesLeft == 1U) {
    lastTry_ = new QCheckBox(textOf(language, "agent.last-try-confirm"));
    lastTry_->setObjectName("last-try");
    layout->addWidget(lastTry_);
  }
  layout->addWidget(problem_);
  problem_->hide();

  auto* const confirmButton = new QPushButton(textOf(language, texts.button));
  auto* const buttons = new QHBoxLayout;
  buttons->addStretch();
  buttons->addWidget(confirmButton);
  buttons->addWidget(cancel_);
  layout->addStretch();
  layout->addLayout(buttons);
  setMinimumWidth(fontMetrics().averageCharWidth() * kWidthInCharacters);
  adjustSize();

  field_->setObjectName("pin");
  problem_->setObjectName("problem");
  cancel_->setObjectName("cancel");
  confirmButton->setObjectName("confirm");
  connect(cancel_, &QPushButton::clicked, this, [this] { reject(); });
  connect(confirmButton, &QPushButton::clicked, this, [this] { confirm(); });
  field_->onReturn = [this] { confirm(); };
  field_->onNoDigit = [this] { tell("agent.digits-only"); };
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
  give(std::move(*pin));
}

void PinDialog::give(PinAnswer answer) {
  if (const AnswerHandler handler = std::exchange(answer_, nullptr)) {
    handler(std::move(answer));
  }
}

void PinDialog::tell(std::string_view code) {
  problem_->setText(textOf(language_, code));
  problem_->show();
  adjustSize();
  QAccessibleEvent alert(problem_, QAccessible::Alert);
  QAccessible::updateAccessibility(&alert);
}

ShowPinWindow pinDialogs(messages::Language language) {
  return [language](const PinQuestion& question, AnswerHandler answer) {
    return std::make_unique<ShownDialog>(new PinDialog(question, language, std::move(answer)));
  };
}

}  // namespace fncard::agent
