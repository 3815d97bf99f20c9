// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/progress_page.h"

#include "activation-client/step.h"
#include "widgets/label.h"
#include "widgets/text.h"

namespace fncard::activation_client::wizard {

using widgets::textOf;

ProgressPage::ProgressPage(messages::Language language)
    : language_(language), steps_(widgets::label({})) {
  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(widgets::heading(textOf(language, "wizard.heading-progress")));
  layout->addWidget(widgets::label(textOf(language, "wizard.explain-progress")));
  auto* const busy = new QProgressBar;
  busy->setRange(0, 0);  // how long it takes is not known
  busy->setTextVisible(false);
  busy->setAccessibleName(textOf(language, "wizard.heading-progress"));
  layout->addWidget(busy);
  steps_->setObjectName("steps");
  layout->addWidget(steps_);
  layout->addStretch();
}

void ProgressPage::begin() {
  steps_->clear();
}

void ProgressPage::enter(card::activation::Step step) {
  const std::string_view code = messageCode(step);
  if (code.empty()) {
    return;
  }
  const QString line = textOf(language_, code);
  const QString before = steps_->text();
  if (!before.endsWith(line)) {  // taken up again after a question
    widgets::alert(*steps_, before.isEmpty() ? line : before + QLatin1Char('\n') + line);
  }
}

}  // namespace fncard::activation_client::wizard
