#pragma once
// JSON read strictly: every complaint is a DefinitionError in one line that names the file, the place and what would
// do.

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace putki::detail {

inline constexpr std::size_t kLargestJson = 16'000'000;

/// The document: UTF-8 with or without byte order mark, at most kLargestJson bytes, a few levels deep, no key twice in
/// one object.
/// Complaints about syntax carry line and column.
nlohmann::json parse_strict_json(std::string_view text, std::string_view where);

/// A value of the document together with its path (`stages[2].kind`).
class JsonValue {
 public:
  JsonValue(const nlohmann::json& value, std::string_view where) : JsonValue(value, where, "") {}

  /// Throws "where: path problem".
  [[noreturn]] void refuse(const std::string& problem) const;
  /// Throws "where: path is <the value>; <allowed>".
  [[noreturn]] void refuse_value(const std::string& allowed) const;

  /// The same, when the value is none of `names`.
  [[noreturn]] void refuse_choice(const std::string& given, const std::vector<std::string_view>& names) const;

  /// The text of a string as it stands, and with the blanks at its ends removed.
  const std::string& raw_text() const;
  std::string text() const;
  std::vector<JsonValue> items() const;
  std::vector<std::pair<std::string, JsonValue>> members() const;

  /// Refuses a value that is no object, or has a key that is not allowed.
  void only_keys(std::initializer_list<std::string_view> allowed, const std::string& when = {}) const;
  std::optional<JsonValue> member(std::string_view key) const;
  JsonValue required(std::string_view key) const;

  /// The choice of this name.
  template <class T>
  T choice(std::initializer_list<std::pair<std::string_view, T>> choices) const {
    const std::string& given = raw_text();
    std::vector<std::string_view> names;
    for (const auto& [name, value] : choices) {
      if (name == given) return value;
      names.push_back(name);
    }
    refuse_choice(given, names);
  }

 private:
  JsonValue(const nlohmann::json& value, std::string_view where, std::string path)
      : value_(&value), where_(where), path_(std::move(path)) {}

  const nlohmann::json* value_;
  std::string_view where_;
  std::string path_;
};

/// `path.key`, or `path["odd key"]`.
std::string json_path(const std::string& path, std::string_view key);
std::string json_path(const std::string& path, std::size_t index);

}  // namespace putki::detail
