// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QLabel>

namespace fncard::widgets {

/// Text as it is, for parts of it may be other people's; in as many lines as it needs.
QLabel* label(const QString& text, bool bold = false);
QLabel* heading(const QString& text);

/// Shows what just went wrong, and has screen readers say it.
void alert(QLabel& label, const QString& text);

}  // namespace fncard::widgets
