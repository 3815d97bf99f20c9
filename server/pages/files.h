// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string_view>

namespace fncard::server::pages {

/// A template or asset, compiled in (compile_files.py).
struct File {
  std::string_view name;  ///< "templates/layout.html", "assets/style.css"
  std::string_view content;
};
std::span<const File> files();

}  // namespace fncard::server::pages
