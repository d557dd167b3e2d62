#include "report/html_text.hpp"

#include "core/utf8.hpp"

namespace putki {

std::string html_text(std::string_view text) {
  std::string html;
  html.reserve(text.size() + text.size() / 8);
  for (std::size_t i = 0; i < text.size();) {
    const detail::CodePoint c = detail::code_point_at(text, i);
    if (c.length == 0) {
      html += "\uFFFD";
      ++i;
      continue;
    }
    if (c.value == '&') {
      html += "&amp;";
    } else if (c.value == '<') {
      html += "&lt;";
    } else if (c.value == '>') {
      html += "&gt;";
    } else if (c.value == '"') {
      html += "&quot;";
    } else if (c.value == '\'') {
      html += "&#39;";
    } else if (c.value == '\n' || c.value == '\r' || c.value == '\t') {
      html += ' ';
    } else if (c.value == 0xfffe || c.value == 0xffff) {
      html += "\uFFFD";
    } else if (!detail::is_control(c.value)) {
      html += text.substr(i, c.length);
    }
    i += c.length;
  }
  return html;
}

std::string script_json(std::string_view json) {
  std::string text;
  text.reserve(json.size() + json.size() / 16);
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '<') {
      text += "\\u003c";
    } else if (c == '>') {
      text += "\\u003e";
    } else if (c == '&') {
      text += "\\u0026";
    } else if (json.substr(i, 3) == "\u2028") {
      text += "\\u2028";
      i += 2;
    } else if (json.substr(i, 3) == "\u2029") {
      text += "\\u2029";
      i += 2;
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace putki
