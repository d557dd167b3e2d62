#include "ingest/strict_json.hpp"

#include <putki/core/error.hpp>

#include <algorithm>
#include <array>
#include <set>

#include "core/in_quotes.hpp"
#include "core/nearest.hpp"

namespace putki::detail {

using nlohmann::json;

namespace {

constexpr std::size_t kDeepest = 8;

[[noreturn]] void refuse_text(std::string_view where, const std::string& problem) {
  throw DefinitionError(std::string(where) + ": " + problem);
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

// The parser's reason in words for a person who writes a definition file, not a parser.
std::string plain_reason(std::string message) {
  const std::size_t reason = message.find(" - ");
  if (reason != std::string::npos) message.erase(0, reason + 3);
  message.erase(std::min(message.find("; last read"), message.size()));
  constexpr std::array<std::pair<std::string_view, std::string_view>, 16> kWords = {{
      {"expected '[', '{', or a literal", "a value is expected"},
      {"invalid literal", "no JSON value begins so; texts need double quotes"},
      {"unexpected end of input", "the text ends too early"},
      {"invalid string: control character U+000A (LF) must be escaped to \\u000A or \\n",
       "the line ends inside a text; its closing quote is missing"},
      {"invalid string: missing closing quote", "the text ends inside quotes; the closing quote is missing"},
      {"; expected end of input", "; nothing may follow the closing brace"},
      {"; expected string literal", "; a key in double quotes is expected"},
      {"; expected object separator", "; a colon is expected"},
      {"; expected ':'", "; a colon is expected"},
      {"; expected '}'", "; a comma or '}' is expected"},
      {"; expected ']'", "; a comma or ']' is expected"},
      {"string literal", "text in quotes"},
      {"number literal", "number"},
      {"true literal", "true"},
      {"false literal", "false"},
      {"null literal", "null"},
  }};
  for (const auto& [from, to] : kWords) replace_all(message, from, to);
  return message;
}

std::string line_and_column(std::string_view text, std::size_t byte) {
  const std::string_view before = text.substr(0, std::min(text.size(), byte == 0 ? 0 : byte - 1));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 == 0
  const auto column = 1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(begin), before.end(),
                                        [](char c) { return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u; });
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

// Goes through the document ahead of the parser, for what the finished value no longer shows. A pass of its own,
// because the parser with a callback looks through a whole array again after each of its objects.
class Watch : public json::json_sax_t {
 public:
  Watch(std::string_view text, std::string_view where) : text_(text), where_(where) {}

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(json::number_integer_t) override { return value(); }
  bool number_unsigned(json::number_unsigned_t) override { return value(); }
  bool number_float(json::number_float_t, const std::string&) override { return value(); }
  bool string(std::string&) override { return value(); }
  bool binary(json::binary_t&) override { return value(); }
  bool start_object(std::size_t) override { return start(); }
  bool start_array(std::size_t) override { return start(); }
  bool end_object() override { return end(); }
  bool end_array() override { return end(); }

  bool key(std::string& key) override {
    if (!levels_.back().keys.insert(key).second)
      refuse_text(where_, (levels_.size() == 1 ? "the definition" : path(levels_.size() - 1)) + " has the key " +
                              in_quotes(key) + " twice; each may be given once");
    levels_.back().key = key;
    return true;
  }

  bool parse_error(std::size_t position, const std::string&, const json::exception& error) override {
    const bool syntax = dynamic_cast<const json::parse_error*>(&error) != nullptr;
    refuse_text(where_, line_and_column(text_, position) + ": " +
                            (syntax ? plain_reason(error.what()) : "a number is out of range"));
  }

 private:
  struct Level {
    std::set<std::string> keys;  // empty in an array
    std::string key;
    std::size_t index = 0;
  };

  bool value() {
    if (!levels_.empty()) ++levels_.back().index;
    return true;
  }
  bool start() {
    if (levels_.size() >= kDeepest)
      refuse_text(where_, path(levels_.size()) + " is nested deeper than " + std::to_string(kDeepest) +
                              " levels; a definition needs four");
    levels_.emplace_back();
    return true;
  }
  bool end() {
    levels_.pop_back();
    return value();
  }
  std::string path(std::size_t levels) const {
    std::string result;
    for (std::size_t i = 0; i < levels; ++i)
      result = levels_[i].keys.empty() ? json_path(result, levels_[i].index) : json_path(result, levels_[i].key);
    return result;
  }

  std::string_view text_;
  std::string_view where_;
  std::vector<Level> levels_;
};

std::string describe(const json& value) {
  switch (value.type()) {
    case json::value_t::null:
      return "null";
    case json::value_t::object:
      return "an object";
    case json::value_t::array:
      return "an array";
    case json::value_t::string:
      return in_quotes(value.get_ref<const std::string&>());
    case json::value_t::boolean:
      return value.get<bool>() ? "true" : "false";
    default:
      return "the number " + value.dump();
  }
}

std::string list(const std::vector<std::string_view>& names) {
  std::string result;
  for (const std::string_view name : names) result += (result.empty() ? "" : ", ") + in_quotes(name);
  return result;
}

}  // namespace

std::string json_path(const std::string& path, std::string_view key) {
  const bool plain = !key.empty() && key.size() <= 40 && std::all_of(key.begin(), key.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (!plain) return path + "[" + in_quotes(key, 40) + "]";
  return path + (path.empty() ? "" : ".") + std::string(key);
}

std::string json_path(const std::string& path, std::size_t index) {
  return path + "[" + std::to_string(index) + "]";
}

json parse_strict_json(std::string_view text, std::string_view where) {
  if (text.size() > kLargestJson)
    refuse_text(where, "has " + std::to_string(text.size()) + " bytes; a definition has at most 16 million");
  const std::string_view start = text.substr(0, 4);
  if (start.substr(0, 2) == "\xff\xfe" || start.substr(0, 2) == "\xfe\xff" || start.find('\0') != start.npos)
    refuse_text(where, "is not UTF-8 text (UTF-16 or binary); save it as UTF-8");
  if (start.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  if (text.find_first_not_of(" \t\r\n") == text.npos)
    refuse_text(where, "is empty; a JSON object with \"stages\" and \"columns\" is needed");
  Watch watch(text, where);
  json::sax_parse(text.begin(), text.end(), &watch);
  return json::parse(text.begin(), text.end());
}

void JsonValue::refuse(const std::string& problem) const {
  refuse_text(where_, (path_.empty() ? "the definition" : path_) + " " + problem);
}

void JsonValue::refuse_value(const std::string& allowed) const {
  refuse("is " + describe(*value_) + "; " + allowed);
}

void JsonValue::refuse_choice(const std::string& given, const std::vector<std::string_view>& names) const {
  refuse_value("allowed are " + list(names) + did_you_mean(given, names));
}

const std::string& JsonValue::raw_text() const {
  if (!value_->is_string()) refuse_value("a text in double quotes is needed");
  return value_->get_ref<const std::string&>();
}

std::string JsonValue::text() const {
  const std::string& text = raw_text();
  const std::size_t first = text.find_first_not_of(' ');
  return first == text.npos ? std::string() : text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<JsonValue> JsonValue::items() const {
  if (!value_->is_array()) refuse_value("an array is needed");
  std::vector<JsonValue> result;
  result.reserve(value_->size());
  for (const json& item : *value_) result.push_back({item, where_, json_path(path_, result.size())});
  return result;
}

std::vector<std::pair<std::string, JsonValue>> JsonValue::members() const {
  if (!value_->is_object()) refuse_value("an object is needed");
  std::vector<std::pair<std::string, JsonValue>> result;
  for (const auto& [key, value] : value_->items())
    result.emplace_back(key, JsonValue(value, where_, json_path(path_, key)));
  return result;
}

void JsonValue::only_keys(std::initializer_list<std::string_view> allowed, const std::string& when) const {
  for (const auto& [key, value] : members())
    if (std::find(allowed.begin(), allowed.end(), key) == allowed.end())
      refuse("has the key " + in_quotes(key) + "; allowed" + when + " are " + list(allowed) +
             did_you_mean(key, allowed));
}

std::optional<JsonValue> JsonValue::member(std::string_view key) const {
  const auto found = value_->find(key);
  if (found == value_->end()) return std::nullopt;
  return JsonValue(*found, where_, json_path(path_, key));
}

JsonValue JsonValue::required(std::string_view key) const {
  const std::optional<JsonValue> found = member(key);
  if (!found) refuse("has no " + in_quotes(key) + "; it is required");
  return *found;
}

}  // namespace putki::detail
