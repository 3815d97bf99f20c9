// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace fncard::widgets {

/// Tells Qt how assistive technology sees a PinField. May be called again.
void makePinFieldsAccessible();

}  // namespace fncard::widgets
