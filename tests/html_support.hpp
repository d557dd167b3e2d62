#pragma once
// Just enough of an HTML reader to see what a browser would make of a page that is written as pages here are: tags in
// lower case, attributes in double quotes, scripts and styles as raw text.

#include <map>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace html {

struct Tag {
  std::string name;  // "/p" ends
  std::map<std::string, std::string> attributes;
  std::string text;  // behind it, up to the next tag, references undone; of script and style: as it is
};

inline std::string undone(std::string_view text) {
  static const std::vector<std::pair<std::string, std::string>> references = {
      {"&amp;", "&"}, {"&lt;", "<"}, {"&gt;", ">"}, {"&quot;", "\""}, {"&#39;", "'"}, {"&nbsp;", "\u00A0"}};
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    bool found = false;
    for (const auto& [reference, character] : references)
      if (text.substr(i, reference.size()) == reference) {
        result += character;
        i += reference.size() - 1;
        found = true;
        break;
      }
    if (found) continue;
    if (text[i] == '&') throw std::runtime_error("an ampersand by itself: " + std::string(text.substr(i, 20)));
    result += text[i];
  }
  return result;
}

inline std::vector<Tag> tags(const std::string& page) {
  std::vector<Tag> tags;
  std::size_t i = 0;
  while ((i = page.find('<', i)) != std::string::npos) {
    Tag tag;
    if (page.compare(i, 2, "<!") == 0) {
      i = page.find('>', i) + 1;
      continue;
    }
    ++i;
    while (page[i] != ' ' && page[i] != '>') tag.name += page[i++];
    while (page[i] == ' ') {
      ++i;
      std::string name;
      while (page[i] != '=' && page[i] != ' ' && page[i] != '>') name += page[i++];
      std::string value;
      if (page[i] == '=') {
        if (page[++i] != '"') throw std::runtime_error("an attribute without quotes: " + name);
        const std::size_t end = page.find('"', i + 1);
        value = undone(page.substr(i + 1, end - i - 1));
        i = end + 1;
      }
      if (!tag.attributes.emplace(name, value).second) throw std::runtime_error("an attribute twice: " + name);
    }
    if (page[i] != '>') throw std::runtime_error("a tag that does not end: " + tag.name);
    ++i;
    const bool raw = tag.name == "script" || tag.name == "style";
    const std::size_t end = page.find(raw ? "</" + tag.name : "<", i);
    if (end == std::string::npos) {
      if (tag.name != "/html") throw std::runtime_error("the page ends within " + tag.name);
    } else {
      tag.text = raw ? page.substr(i, end - i) : undone(page.substr(i, end - i));
    }
    tags.push_back(std::move(tag));
    if (end == std::string::npos) break;
    i = end;
  }
  return tags;
}

inline bool is_void(const std::string& name) {
  return name == "meta" || name == "br" || name == "link" || name == "img" || name == "input";
}

// Names of tags and attributes in order, without values and texts; a tag out of place throws.
inline std::string skeleton(const std::vector<Tag>& tags) {
  std::string result;
  std::vector<std::string> open;
  for (const Tag& tag : tags) {
    result += "<" + tag.name;
    for (const auto& [name, value] : tag.attributes)
      if (name != "class") result += " " + name;
    result += ">";
    if (tag.name.front() == '/') {
      if (open.empty() || "/" + open.back() != tag.name) throw std::runtime_error("out of place: " + tag.name);
      open.pop_back();
    } else if (!is_void(tag.name)) {
      open.push_back(tag.name);
    }
  }
  if (!open.empty()) throw std::runtime_error("not ended: " + open.back());
  return result;
}

inline std::vector<Tag> named(const std::vector<Tag>& tags, std::string_view name) {
  std::vector<Tag> result;
  for (const Tag& tag : tags)
    if (tag.name == name) result.push_back(tag);
  return result;
}

// The scripts that a browser runs, in order.
inline std::vector<Tag> programs(const std::vector<Tag>& tags) {
  std::vector<Tag> result;
  for (const Tag& tag : named(tags, "script"))
    if (!tag.attributes.count("type")) result.push_back(tag);
  return result;
}

}  // namespace html
