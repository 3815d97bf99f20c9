// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <functional>
#include <optional>
#include <string>

#include "messages/messages.h"
#include "widgets/pin_field.h"

namespace fncard::activation_client::wizard {

/// Where PINs are typed: a new one twice, or the one that the card has, or both.
class PinPage : public QWidget {
 public:
  enum class Asks {
    NewPin,        ///< twice
    PinSetBefore,  ///< twice, the one chosen before an interruption; or that there was none
    CurrentAndNew,
    Current
  };
  struct Pins {
    std::optional<card::Pin> current;
    std::optional<card::Pin> next;
    bool lastTry = false;  ///< the person knows that it is the last one
  };

  explicit PinPage(messages::Language language);

  std::function<void(Pins)> onDone;
  std::function<void()> onNoneChosen;  ///< of PinSetBefore

  /// birthDate: refused as a PIN, or empty. triesLeft: of the current PIN; one is to be confirmed.
  void begin(Asks asks, const std::string& birthDate, std::optional<unsigned> triesLeft);
  void finish();

 private:
  struct Row {
    QLabel* name;
    widgets::PinField* field;
  };
  Row addRow(QLayout& layout, const char* name, std::string_view code);
  void setName(const Row& row, std::string_view code);
  [[nodiscard]] bool asksNext() const { return asks_ != Asks::Current; }
  /// What was typed, or the code of what is wrong with it. The fields are empty afterwards.
  tl::expected<Pins, std::string_view> take();
  void tell(std::string_view code);
  void focusFirst();

  messages::Language language_;
  Asks asks_ = Asks::NewPin;
  std::string birthDate_;
  QLabel* heading_;
  QLabel* explanation_;
  Row current_;
  QCheckBox* lastTry_;
  QPushButton* noneChosen_;
  Row next_;
  Row again_;
  QLabel* problem_;
};

}  // namespace fncard::activation_client::wizard
