// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <QAccessible>
#include <QTest>
#include <cstring>
#include <functional>
#include <tuple>

#include "agent/dialogs/pin_dialog.h"

namespace fncard::agent {
namespace {

class ToAScreenReader : public testing::Test {
 protected:
  void SetUp() override {
    dialog.show();
    field = dialog.findChild<QWidget*>("pin");
    seen = QAccessible::queryAccessibleInterface(field);
    ASSERT_NE(seen, nullptr);
    field->setFocus();
  }

  PinDialog dialog{
      {.request = {.program = "Firefox"}}, messages::Language::English, [](const PinAnswer&) {}};
  QWidget* field = nullptr;
  QAccessibleInterface* seen = nullptr;
};

TEST_F(ToAScreenReader, TheFieldIsAPasswordFieldWithAName) {
  EXPECT_EQ(seen->role(), QAccessible::EditableText);
  EXPECT_TRUE(seen->state().passwordEdit);
  EXPECT_TRUE(seen->state().focusable);
  EXPECT_THAT(seen->text(QAccessible::Name).toStdString(), testing::HasSubstr("PIN"));
  EXPECT_FALSE(seen->text(QAccessible::Description).isEmpty());
}

TEST_F(ToAScreenReader, TheFieldIsTheSameHoweverMuchIsTyped) {
  const auto whole = [this] {
    const QAccessible::State state = seen->state();
    quint64 bits = 0;
    std::memcpy(&bits, &state, sizeof bits);
    return std::tuple(bits, seen->text(QAccessible::Name), seen->text(QAccessible::Value),
                      seen->text(QAccessible::Description), seen->text(QAccessible::Help),
                      seen->childCount(), seen->rect());
  };
  const auto empty = whole();
  EXPECT_EQ(seen->text(QAccessible::Value), QString());
  for (const char digit : {'2', '4', '6', '8', '1', '0'}) {
    QTest::keyClick(field, digit);
    EXPECT_EQ(whole(), empty);
  }
  EXPECT_EQ(seen->textInterface(), nullptr);
  EXPECT_EQ(seen->editableTextInterface(), nullptr);
  EXPECT_EQ(seen->valueInterface(), nullptr);
}

TEST_F(ToAScreenReader, EverythingThatCanBeFocusedHasAName) {
  int focusable = 0;
  std::function<void(QAccessibleInterface*)> visit = [&](QAccessibleInterface* part) {
    if (part->state().focusable && part->role() != QAccessible::Dialog) {
      ++focusable;
      EXPECT_FALSE(part->text(QAccessible::Name).isEmpty());
    }
    for (int i = 0; i < part->childCount(); ++i) {
      visit(part->child(i));
    }
  };
  QAccessibleInterface* const window = QAccessible::queryAccessibleInterface(&dialog);
  EXPECT_EQ(window->role(), QAccessible::Dialog);
  EXPECT_FALSE(window->text(QAccessible::Name).isEmpty());
  EXPECT_THAT(window->text(QAccessible::Description).toStdString(), testing::HasSubstr("Firefox"));
  visit(window);
  EXPECT_EQ(focusable, 3);
}

}  // namespace
}  // namespace fncard::agent
