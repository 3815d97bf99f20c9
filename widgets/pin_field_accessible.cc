// SPDX-License-Identifier: Apache-2.0
#include "widgets/pin_field_accessible.h"

#include <QAccessibleWidget>

#include "widgets/pin_field.h"

namespace fncard::widgets {
namespace {

/// A password field without text: it has no text interface and no value, so that neither digits nor
/// their number leave it.
class AccessiblePinField : public QAccessibleWidget {
 public:
  explicit AccessiblePinField(PinField* field)
      : QAccessibleWidget(field, QAccessible::EditableText) {}

  [[nodiscard]] QAccessible::State state() const override {
    QAccessible::State state = QAccessibleWidget::state();
    state.passwordEdit = true;
    state.editable = true;
    return state;
  }

  [[nodiscard]] QString text(QAccessible::Text kind) const override {
    return kind == QAccessible::Value ? QString() : QAccessibleWidget::text(kind);
  }
};

QAccessibleInterface* makeInterface(const QString& /*className*/, QObject* object) {
  auto* const field = dynamic_cast<PinField*>(object);
  return field != nullptr ? new AccessiblePinField(field) : nullptr;
}

}  // namespace

void makePinFieldsAccessible() {
  QAccessible::installFactory(makeInterface);  // ignores one that it has
}

}  // namespace fncard::widgets
