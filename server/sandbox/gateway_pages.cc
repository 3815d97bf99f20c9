// SPDX-License-Identifier: Apache-2.0
#include "server/sandbox/gateway_pages.h"

namespace fncard::server::sandbox {
namespace {

std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string page(const std::string& body) {
  return "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
         "<title>Sandbox payment</title></head>\n<body>\n<h1>Sandbox payment</h1>\n"
         "<p>No money moves here.</p>\n" +
         body + "</body></html>\n";
}

std::string hidden(const std::string& name, const std::string& value) {
  return "<input type=\"hidden\" name=\"" + escaped(name) + "\" value=\"" + escaped(value) +
         "\">\n";
}

}  // namespace

std::string payPage(const Trade& trade) {
  std::string options;
  for (const std::string& mode : payModeNames()) {
    options += "<option>" + mode + "</option>";
  }
  return page("<p>" + escaped(trade.itemName) + "</p>\n<p>TWD <strong>" +
              std::to_string(trade.amount) + "</strong>, trade " + escaped(trade.merchantTradeNo) +
              "</p>\n<form method=\"post\" action=\"/sandbox/pay\">\n" +
              hidden("merchantTradeNo", trade.merchantTradeNo) +
              "<label>What the gateway does: <select name=\"mode\">" + options +
              "</select></label>\n<button type=\"submit\">Pay</button>\n</form>\n");
}

std::string resultPage(const std::string& url, const net::Form& fields) {
  std::string inputs;
  for (const auto& [name, value] : fields) {
    inputs += hidden(name, value);
  }
  return page("<form id=\"result\" method=\"post\" action=\"" + escaped(url) + "\">\n" + inputs +
              "<button type=\"submit\">Back to the shop</button>\n</form>\n"
              "<script>document.getElementById(\"result\").submit()</script>\n");
}

std::string sentencePage(const std::string& sentence) {
  return page("<p>" + escaped(sentence) + "</p>\n");
}

}  // namespace fncard::server::sandbox
