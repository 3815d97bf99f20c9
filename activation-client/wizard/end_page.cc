// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/end_page.h"

#include "widgets/label.h"
#include "widgets/text.h"

namespace fncard::activation_client::wizard {

using widgets::textOf;

EndPage::EndPage(messages::Language language)
    : language_(language),
      heading_(widgets::heading({})),
      sentence_(widgets::label({})),
      facts_(widgets::label({})),
      nothingLost_(widgets::label(textOf(language, "wizard.nothing-lost"))),
      try_(new QPushButton(textOf(language, "wizard.button-try"))),
      portal_(new QPushButton(textOf(language, "wizard.button-portal"))) {
  heading_->setObjectName("ending");
  sentence_->setObjectName("ending-sentence");
  sentence_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  facts_->setObjectName("facts");
  try_->setObjectName("try-now");
  portal_->setObjectName("portal");
  auto* const layout = new QVBoxLayout(this);
  for (QWidget* const widget : {static_cast<QWidget*>(heading_), static_cast<QWidget*>(sentence_),
                                static_cast<QWidget*>(facts_), static_cast<QWidget*>(nothingLost_),
                                static_cast<QWidget*>(try_), static_cast<QWidget*>(portal_)}) {
    layout->addWidget(widget);
  }
  layout->addStretch();
  connect(try_, &QPushButton::clicked, this, [this] { onTry(); });
  connect(portal_, &QPushButton::clicked, this, [this] { onPortal(); });
}

void EndPage::show(const Ending& ending, const PresentCard& card, bool offersPortal) {
  const bool tried = ending.code == "wizard.try-good";
  heading_->setText(
      textOf(language_, ending.good ? "wizard.heading-done" : "wizard.heading-failed"));
  facts_->setText(ending.good ? textOf(language_, "client.status-card",
                                       {{"cardNumber", card.identity.cardNumber},
                                        {"expiry", card.identity.expiry}})
                              : QString());
  facts_->setVisible(ending.good && !card.identity.cardNumber.empty());
  nothingLost_->setVisible(!ending.good && ending.resumable);
  try_->setVisible(ending.good && !tried);
  portal_->setVisible(ending.good && offersPortal);
  const std::string sentence = ending.message.empty()
                                   ? messages::text(language_, ending.code, ending.parameters)
                                   : ending.message;
  widgets::alert(*sentence_, QString::fromStdString(sentence));
}

}  // namespace fncard::activation_client::wizard
