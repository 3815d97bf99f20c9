// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QWidget>

namespace fncard::activation_client::wizard {

/// A reader and a card, drawn: what there is, and what is to be done. The sentence beside it says
/// the same, so assistive technology passes over it.
class ReaderPicture : public QWidget {
 public:
  enum class Shows { NoReader, EmptyReader, WrongCard, CardInside };

  explicit ReaderPicture(QWidget* parent = nullptr);
  void show(Shows what);

  [[nodiscard]] QSize sizeHint() const override;

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Shows shows_ = Shows::NoReader;
};

}  // namespace fncard::activation_client::wizard
