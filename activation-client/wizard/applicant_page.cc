// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/applicant_page.h"

#include <QVBoxLayout>

#include "activation-client/permit_number.h"
#include "activation-client/user_code.h"
#include "widgets/label.h"
#include "widgets/text.h"

namespace fncard::activation_client::wizard {
namespace {

using widgets::textOf;

constexpr int kPermitNumberLength = 10;

QLineEdit* field(QLayout& layout, const char* name, const QString& text) {
  auto* const edit = new QLineEdit;
  edit->setObjectName(name);
  edit->setAccessibleName(text);
  QLabel* const name_ = widgets::label(text);
  name_->setBuddy(edit);
  layout.addWidget(name_);
  layout.addWidget(edit);
  return edit;
}

std::string_view codeOf(PermitNumberFault fault) {
  return fault == PermitNumberFault::Format ? "client.permit-format" : "client.permit-check-digit";
}

}  // namespace

ApplicantPage::ApplicantPage(messages::Language language)
    : language_(language), permitFault_(widgets::label({})), problem_(widgets::label({}, true)) {
  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(widgets::heading(textOf(language, "wizard.heading-applicant")));
  layout->addWidget(widgets::label(textOf(language, "wizard.explain-applicant")));
  permitNumber_ = field(*layout, "permit-number", textOf(language, "wizard.label-permit-number"));
  permitFault_->setObjectName("permit-fault");
  permitFault_->hide();
  layout->addWidget(permitFault_);
  userCode_ = field(*layout, "user-code", textOf(language, "wizard.label-user-code"));
  userCode_->setInputMethodHints(Qt::ImhSensitiveData | Qt::ImhNoPredictiveText);
  problem_->setObjectName("applicant-problem");
  problem_->hide();
  layout->addWidget(problem_);
  layout->addStretch();
  connect(permitNumber_, &QLineEdit::textEdited, this, [this] { checkPermitNumber(); });
  connect(permitNumber_, &QLineEdit::returnPressed, this, [this] { userCode_->setFocus(); });
  connect(userCode_, &QLineEdit::returnPressed, this, [this] { finish(); });
}

void ApplicantPage::begin() {
  userCode_->clear();
  problem_->hide();
  (permitNumber_->text().isEmpty() ? permitNumber_ : userCode_)->setFocus();
}

void ApplicantPage::checkPermitNumber() {
  const std::string number = normalisePermitNumber(permitNumber_->text().toStdString());
  const PermitNumberFault fault = faultOf(number);
  permitFault_->hide();
  if (number.size() >= kPermitNumberLength && fault != PermitNumberFault::None) {
    widgets::alert(*permitFault_, textOf(language_, codeOf(fault)));
  }
}

void ApplicantPage::finish() {
  std::string number = normalisePermitNumber(permitNumber_->text().toStdString());
  if (const PermitNumberFault fault = faultOf(number); fault != PermitNumberFault::None) {
    permitFault_->hide();
    widgets::alert(*problem_, textOf(language_, codeOf(fault)));
    permitNumber_->setFocus();
    return;
  }
  std::string code = normaliseUserCode(userCode_->text().toStdString());
  if (!isUserCode(code)) {
    widgets::alert(*problem_, textOf(language_, code.empty() ? "client.no-user-code"
                                                             : "wizard.user-code-wrong"));
    userCode_->setFocus();
    return;
  }
  problem_->hide();
  onDone({.permitNumber = std::move(number),
          .userCode = card::SecretBytes::take(std::span<char>(code.data(), code.size()))});
}

}  // namespace fncard::activation_client::wizard
