// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/start_page.h"

#include <QVBoxLayout>

#include "widgets/label.h"
#include "widgets/text.h"

namespace fncard::activation_client::wizard {
namespace {

using widgets::textOf;

ReaderPicture::Shows pictureOf(const Present& present) {
  if (!present.cards.empty()) {
    return ReaderPicture::Shows::CardInside;
  }
  switch (present.missing) {
    case card::ErrorCode::NoService:
    case card::ErrorCode::NoReader:
      return ReaderPicture::Shows::NoReader;
    case card::ErrorCode::NoCard:
      return ReaderPicture::Shows::EmptyReader;
    default:
      return ReaderPicture::Shows::WrongCard;
  }
}

/// In its own words, for who reads no other.
QString nameOf(messages::Language language) {
  switch (language) {
    case messages::Language::TraditionalChinese:
      return QStringLiteral("中文（繁體）");
    case messages::Language::Indonesian:
      return QStringLiteral("Bahasa Indonesia");
    case messages::Language::Vietnamese:
      return QStringLiteral("Tiếng Việt");
    case messages::Language::Thai:
      return QStringLiteral("ภาษาไทย");
    case messages::Language::English:
      break;
  }
  return QStringLiteral("English");
}

QString nameOf(const PresentCard& card) {
  return QString::fromStdString(card.identity.cardNumber + " (" + card.readerName + ")");
}

}  // namespace

StartPage::StartPage(messages::Language language)
    : language_(language),
      picture_(new ReaderPicture),
      sentence_(widgets::label({})),
      cards_(new QComboBox) {
  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(widgets::heading(textOf(language, "wizard.title")));
  addLanguages(*layout);
  layout->addWidget(picture_, 0, Qt::AlignHCenter);
  sentence_->setObjectName("present");
  layout->addWidget(sentence_);
  cards_->setObjectName("cards");
  cards_->setAccessibleName(textOf(language, "wizard.several-cards"));
  layout->addWidget(cards_);
  addAction(*layout, Action::Activate, "activate", "wizard.button-activate");
  addAction(*layout, Action::ChangePin, "change-pin", "wizard.button-change-pin");
  addAction(*layout, Action::Unblock, "unblock", "wizard.button-unblock");
  addAction(*layout, Action::TrySignature, "try", "wizard.button-try");
  layout->addStretch();
  show(Present{});
}

void StartPage::addLanguages(QLayout& layout) {
  auto* const choice = new QComboBox;
  choice->setObjectName("languages");
  choice->setAccessibleName(textOf(language_, "wizard.label-language"));
  for (const messages::Language each : messages::languages()) {
    choice->addItem(nameOf(each), static_cast<int>(each));
  }
  choice->setCurrentIndex(choice->findData(static_cast<int>(language_)));
  connect(choice, &QComboBox::activated, this, [this, choice] {
    onLanguage(static_cast<messages::Language>(choice->currentData().toInt()));
  });
  layout.addWidget(choice);
}

void StartPage::addAction(QLayout& layout, Action action, const char* name, std::string_view code) {
  auto* const button = new QPushButton(textOf(language_, code));
  button->setObjectName(name);
  connect(button, &QPushButton::clicked, this, [this, action] { onAction(action, chosen()); });
  layout.addWidget(button);
  actions_.append(button);
}

const PresentCard& StartPage::chosen() const {
  return present_.cards[static_cast<std::size_t>(std::max(cards_->currentIndex(), 0))];
}

void StartPage::show(const Present& present) {
  present_ = present;
  picture_->show(pictureOf(present));
  const std::size_t count = present.cards.size();
  QString text;
  if (count == 0) {
    text = textOf(language_, card::messageCode(present.missing));
  } else if (count == 1) {
    text = textOf(language_, "wizard.card-found",
                  {{"cardNumber", present.cards.front().identity.cardNumber}});
  } else {
    text = textOf(language_, "wizard.several-cards");
  }
  if (text != sentence_->text()) {
    widgets::alert(*sentence_, text);
  }
  cards_->clear();
  for (const PresentCard& card : present.cards) {
    cards_->addItem(nameOf(card));
  }
  cards_->setVisible(count > 1);
  for (QPushButton* const button : actions_) {
    button->setEnabled(count > 0);
  }
}

}  // namespace fncard::activation_client::wizard
