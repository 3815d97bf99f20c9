// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <QImage>
#include <QPalette>
#include <QWidget>
#include <string>

namespace fncard::test {

QPalette darkPalette();

/// Between the darkest and the lightest point (WCAG 2.1, contrast ratio).
double contrast(const QImage& image);

/// Takes a picture of a window that is shown, as FOLDER/NAME.png, and expects that every word of
/// its labels and buttons is seen whole and stands out (WCAG 2.1 §1.4.3).
QImage expectReadable(QWidget& window, const std::string& folder, const std::string& name);

}  // namespace fncard::test
