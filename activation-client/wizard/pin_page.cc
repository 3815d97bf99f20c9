// SPDX-License-Identifier: Apache-2.0
#include "activation-client/wizard/pin_page.h"

#include <QVBoxLayout>

#include "widgets/label.h"
#include "widgets/text.h"

namespace fncard::activation_client::wizard {
namespace {

using widgets::textOf;

struct Words {
  const char* heading;
  const char* explanation;
};

Words wordsOf(PinPage::Asks asks) {
  switch (asks) {
    case PinPage::Asks::NewPin:
    case PinPage::Asks::CurrentAndNew:
      return {"wizard.heading-pin", "wizard.pin-rules"};
    case PinPage::Asks::PinSetBefore:
      return {"wizard.heading-pin-before", "wizard.explain-pin-before"};
    case PinPage::Asks::Current:
      return {"wizard.heading-try", "wizard.explain-try"};
  }
  return {};
}

}  // namespace

PinPage::PinPage(messages::Language language)
    : language_(language),
      heading_(widgets::heading({})),
      explanation_(widgets::label({})),
      lastTry_(new QCheckBox(textOf(language, "agent.last-try-confirm"))),
      noneChosen_(new QPushButton(textOf(language, "wizard.button-none-chosen"))),
      problem_(widgets::label({}, true)) {
  auto* const layout = new QVBoxLayout(this);
  layout->addWidget(heading_);
  layout->addWidget(explanation_);
  current_ = addRow(*layout, "pin-current", "wizard.label-pin-current");
  lastTry_->setObjectName("last-try");
  layout->addWidget(lastTry_);
  next_ = addRow(*layout, "pin-new", "wizard.label-pin-new");
  again_ = addRow(*layout, "pin-again", "wizard.label-pin-again");
  noneChosen_->setObjectName("none-chosen");
  layout->addWidget(noneChosen_);
  problem_->setObjectName("pin-problem");
  layout->addWidget(problem_);
  layout->addStretch();
  connect(noneChosen_, &QPushButton::clicked, this, [this] { onNoneChosen(); });
}

PinPage::Row PinPage::addRow(QLayout& layout, const char* name, std::string_view code) {
  const Row row{.name = widgets::label({}), .field = new widgets::PinField};
  row.field->setObjectName(name);
  setName(row, code);
  row.field->setAccessibleDescription(textOf(language_, "agent.pin-field-description"));
  row.name->setBuddy(row.field);
  row.field->onReturn = [this, field = row.field] {
    const bool moreFollows =
        field == next_.field || (field == current_.field && next_.field->isVisible());
    if (moreFollows) {
      (field == next_.field ? again_ : next_).field->setFocus();
    } else {
      finish();
    }
  };
  row.field->onNoDigit = [this] { tell("agent.digits-only"); };
  layout.addWidget(row.name);
  layout.addWidget(row.field);
  return row;
}

void PinPage::setName(const Row& row, std::string_view code) {
  row.name->setText(textOf(language_, code));
  row.field->setAccessibleName(row.name->text());
}

void PinPage::begin(Asks asks, const std::string& birthDate, std::optional<unsigned> triesLeft) {
  asks_ = asks;
  birthDate_ = birthDate;
  heading_->setText(textOf(language_, wordsOf(asks).heading));
  explanation_->setText(textOf(language_, wordsOf(asks).explanation));
  const bool asksCurrent = asks == Asks::CurrentAndNew || asks == Asks::Current;
  setName(next_, asks == Asks::PinSetBefore ? "wizard.label-pin-before" : "wizard.label-pin-new");
  setName(again_,
          asks == Asks::PinSetBefore ? "wizard.label-pin-before-again" : "wizard.label-pin-again");
  for (const Row& row : {current_, next_, again_}) {
    (void)row.field->take();  // nothing of what was typed on an earlier visit
    const bool visible = row.field == current_.field ? asksCurrent : asksNext();
    row.name->setVisible(visible);
    row.field->setVisible(visible);
  }
  lastTry_->setChecked(false);
  lastTry_->setVisible(asksCurrent && triesLeft == 1U);
  noneChosen_->setVisible(asks == Asks::PinSetBefore);
  problem_->hide();
  focusFirst();
}

void PinPage::focusFirst() {
  (current_.field->isHidden() ? next_ : current_).field->setFocus();
}

void PinPage::tell(std::string_view code) {
  widgets::alert(*problem_, textOf(language_, code));
}

tl::expected<PinPage::Pins, std::string_view> PinPage::take() {
  Pins pins{.lastTry = lastTry_->isChecked()};
  auto current = current_.field->take();
  auto next = next_.field->take();
  const auto again = again_.field->take();
  if (!current_.field->isHidden()) {
    if (!current) {
      return tl::unexpected(card::messageCode(current.error().code));
    }
    pins.current = std::move(*current);
  }
  if (!asksNext()) {
    return pins;
  }
  if (!next) {
    return tl::unexpected(card::messageCode(next.error().code));
  }
  if (!again || !(*again == *next)) {
    return tl::unexpected(std::string_view("client.pin-mismatch"));
  }
  if (pins.current && *pins.current == *next) {
    return tl::unexpected(std::string_view("client.pin-unchanged"));
  }
  if (asks_ == Asks::PinSetBefore) {  // the card is the judge of a PIN that it may have already
    pins.next = std::move(*next);
    return pins;
  }
  if (const auto weakness = card::weaknessOf(*next, birthDate_);
      weakness != card::PinWeakness::None) {
    return tl::unexpected(card::messageCode(weakness));
  }
  pins.next = std::move(*next);
  return pins;
}

void PinPage::finish() {
  if (lastTry_->isVisible() && !lastTry_->isChecked()) {
    tell("agent.last-try-needed");
    lastTry_->setFocus();
    return;
  }
  auto pins = take();
  if (!pins) {
    tell(pins.error());
    focusFirst();
    return;
  }
  problem_->hide();
  onDone(std::move(*pins));
}

}  // namespace fncard::activation_client::wizard
