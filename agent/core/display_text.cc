// SPDX-License-Identifier: Apache-2.0
#include "agent/core/display_text.h"

#include <QList>

namespace fncard::agent {
namespace {

// Thai and decomposed Vietnamese put two marks on a letter.
constexpr int kMaxMarks = 3;

bool isInvisible(char32_t character) {
  switch (QChar::category(character)) {
    case QChar::Other_Format:  // zero width, and the controls of Unicode Standard Annex 9
    case QChar::Other_Surrogate:
    case QChar::Other_PrivateUse:
    case QChar::Other_NotAssigned:
      return true;
    default:
      return false;
  }
}

bool isSpace(char32_t character) {
  return QChar::isSpace(character) || QChar::category(character) == QChar::Other_Control;
}

}  // namespace

QString displayText(std::string_view text, qsizetype maxCharacters) {
  QList<char32_t> kept;
  int marks = 0;
  for (const char32_t character :
       QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())).toUcs4()) {
    marks = QChar::isMark(character) ? marks + 1 : 0;
    if (isInvisible(character) || marks > kMaxMarks) {
      continue;
    }
    const bool space = isSpace(character);
    if (!space || (!kept.isEmpty() && kept.last() != U' ')) {
      kept.append(space ? U' ' : character);
    }
  }
  if (!kept.isEmpty() && kept.last() == U' ') {
    kept.removeLast();
  }
  if (kept.size() > maxCharacters) {
    const qsizetype end = (maxCharacters - 1) / 2;
    const qsizetype start = maxCharacters - 1 - end;
    kept.remove(start, kept.size() - start - end);
    kept.insert(start, U'…');
  }
  return QString::fromUcs4(kept.constData(), kept.size());
}

}  // namespace fncard::agent
