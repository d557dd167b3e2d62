#include <putki/report/html_page.hpp>

#include <putki/core/error.hpp>

#include "report/html_text.hpp"
#include "report/number_format.hpp"
#include "report/page_texts.hpp"
#include "report/sha256.hpp"
#include "report/specification.hpp"
#include "report/texts.hpp"
#include "report/vega_links.hpp"

#include <charconv>
#include <cmath>
#include <ostream>
#include <set>

namespace putki {
namespace {

// Texts longer than this are cut in view; all of it is there.
constexpr std::size_t kLongText = 60;

std::string shortest(double value) {
  char digits[32];
  const std::to_chars_result end = std::to_chars(digits, digits + sizeof digits, value);
  return {digits, end.ptr};
}

std::string csp_hash(TextPieces text) {
  Sha256 hash;
  for (const std::string_view piece : text) hash.update(piece);
  const Sha256::Digest digest = hash.digest();
  return "'sha256-" + base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) + "'";
}

void append(std::string& page, TextPieces text) {
  for (const std::string_view piece : text) page += piece;
}

void check(const Figure& figure) {
  const auto is_of_name = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; };
  for (const char c : figure.name)
    if (!is_of_name(c))
      throw InvalidArgument("a figure is called '" + figure.name + "'; allowed are a-z, 0-9 and hyphens");
  if (figure.name.empty()) throw InvalidArgument("a figure has no name; it needs one of a-z, 0-9 and hyphens");
  for (const std::vector<FigureCell>& row : figure.table.rows)
    if (row.size() != figure.table.columns.size())
      throw InvalidArgument("figure " + figure.name + " has a row of " + std::to_string(row.size()) + " cells under " +
                            std::to_string(figure.table.columns.size()) + " columns");
}

// The specification without its own config, which the page has once for all.
std::string without_config(const Figure& figure) {
  Json specification = Json::parse(figure.specification, nullptr, false);
  if (!specification.is_object())
    throw InvalidArgument("the specification of figure " + figure.name + " is not a JSON object");
  specification.erase("config");
  return script_json(specification.dump(-1, ' ', false, Json::error_handler_t::replace));
}

class PageWriter {
 public:
  explicit PageWriter(const HtmlOptions& options)
      : options_(options), format_(options.figures), language_(options.figures.language) {}

  std::string page(const std::vector<PageSection>& sections) {
    for (const PageSection& section : sections)
      for (const Figure& figure : section.figures) {
        check(figure);
        has_pictures_ = has_pictures_ || is_drawn(figure);
      }
    head();
    contents(sections);
    std::size_t number = 0;
    for (const PageSection& section : sections) write(section, ++number);
    if (number == 0) html_ += "<p class=\"note\">" + words("page.empty") + "</p>\n";
    tail();
    return std::move(html_);
  }

 private:
  std::string words(std::string_view key) const { return html_text(text(language_, key)); }
  bool is_drawn(const Figure& figure) const {
    return options_.runtime != VegaRuntime::none && !figure.specification.empty();
  }

  void head() {
    const std::string title = options_.title.empty() ? words("page.title") : html_text(options_.title);
    const std::string theme = options_.follow_device_theme            ? "automatic"
                              : options_.figures.theme == Theme::dark ? "dark"
                                                                      : "light";
    const std::string locale = format_.vega_locale()["number"]["decimal"].get<std::string>();
    html_ += "<!doctype html>\n<html lang=\"" + text(language_, "page.lang") + "\" data-theme=\"" + theme +
             "\" data-decimal=\"" + locale + "\"";
    for (const char* key : {"open", "close", "copied", "uncopied", "failure", "unreachable"})
      html_ += std::string(" data-") + key + "=\"" + words(std::string("page.") + key) + "\"";
    html_ += ">\n<head>\n<meta charset=\"utf-8\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"" + policy() +
             "\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
             "<meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"generator\" content=\"putki\">\n<title>" +
             title + "</title>\n<style>";
    append(html_, page_style());
    html_ += "</style>\n</head>\n<body>\n<header>\n<h1 dir=\"auto\">" + title + "</h1>\n";
    if (!options_.subtitle.empty())
      html_ += "<p class=\"subtitle\" dir=\"auto\">" + html_text(options_.subtitle) + "</p>\n";
    if (has_pictures_)
      html_ += "<button type=\"button\" id=\"all-tables\" hidden>" + words("page.open") + "</button>\n";
    html_ += "</header>\n";
  }

  std::string policy() const {
    std::string scripts;
    if (has_pictures_ && options_.runtime == VegaRuntime::embedded) scripts = csp_hash(vega_runtime()) + " ";
    if (has_pictures_ && options_.runtime == VegaRuntime::linked)
      for (const VegaLink& link : kVegaLinks) scripts += std::string(link.address) + " ";
    return "default-src 'none'; script-src " + scripts + csp_hash(page_script()) + "; style-src " +
           csp_hash(page_style()) + "; base-uri 'none'; form-action 'none'";
  }

  void contents(const std::vector<PageSection>& sections) {
    if (sections.empty()) return;
    html_ += "<nav aria-label=\"" + words("page.contents") + "\">\n<ul>\n";
    std::set<std::string> taken;
    std::size_t number = 0;
    for (const PageSection& section : sections) {
      html_ +=
          "<li><a dir=\"auto\" href=\"#section-" + std::to_string(++number) + "\">" + html_text(section.title) + "</a>";
      if (!section.figures.empty()) html_ += "\n<ul>\n";
      for (const Figure& figure : section.figures) {
        std::string id = figure.name;
        for (int again = 2; !taken.insert(id).second; ++again) id = figure.name + "--" + std::to_string(again);
        html_ += "<li><a dir=\"auto\" href=\"#" + id + "\">" + html_text(figure.title) + "</a></li>\n";
        ids_.push_back(std::move(id));
      }
      if (!section.figures.empty()) html_ += "</ul>\n";
      html_ += "</li>\n";
    }
    html_ += "</ul>\n</nav>\n";
  }

  void write(const PageSection& section, std::size_t number) {
    const std::string id = "section-" + std::to_string(number);
    html_ += "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-title\">\n<h2 id=\"" + id +
             "-title\" dir=\"auto\">" + html_text(section.title) + "</h2>\n";
    for (const Figure& figure : section.figures) write(figure, ids_[next_id_++]);
    html_ += "</section>\n";
  }

  void write(const Figure& figure, const std::string& id) {
    const bool drawn = is_drawn(figure);
    html_ += "<figure id=\"" + id + "\"" + (drawn ? " data-picture" : "") + " aria-labelledby=\"" + id +
             "-title\">\n<h3 id=\"" + id + "-title\" dir=\"auto\">" + html_text(figure.title) + "</h3>\n";
    if (drawn)
      html_ +=
          "<div class=\"picture\"></div>\n<p class=\"failure\" role=\"alert\" dir=\"auto\" hidden></p>\n"
          "<noscript><p class=\"note\">" +
          words("page.noscript") +
          "</p></noscript>\n"
          "<script type=\"application/json\">" +
          without_config(figure) + "</script>\n";
    if (!figure.computed.empty())
      html_ += "<p class=\"computed\" dir=\"auto\"><b>" + words("page.computed") + "</b> " +
               html_text(figure.computed) + "</p>\n";
    if (!figure.table.columns.empty()) table(figure);
    html_ += "</figure>\n";
  }

  void table(const Figure& figure) {
    const FigureTable& table = figure.table;
    const std::string title = html_text(figure.title);
    html_ += "<details open>\n<summary>" + words("page.table") +
             "</summary>\n<button type=\"button\" class=\"copy\" hidden>" + words("page.copy") +
             "</button>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"" + words("page.table") +
             "\">\n<table>\n<caption dir=\"auto\">" + title + "</caption>\n<thead><tr>";
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
      const bool number = !table.rows.empty() && table.rows.front()[i].kind != FigureCell::Kind::text;
      html_ += std::string("<th scope=\"col\"") + (number ? " class=\"number\"" : "") + ">" +
               readable(table.columns[i]) + "</th>";
    }
    html_ += "</tr></thead>\n<tbody>\n";
    for (const std::vector<FigureCell>& row : table.rows) {
      html_ += "<tr>";
      for (std::size_t i = 0; i < row.size(); ++i) cell(row[i], i == 0);
      html_ += "</tr>\n";
    }
    html_ += "</tbody>\n</table>\n</div>\n</details>\n";
  }

  void cell(const FigureCell& cell, bool names_row) {
    html_ += names_row ? "<th scope=\"row\"" : "<td";
    if (cell.kind != FigureCell::Kind::text) {
      html_ += " class=\"number\"";
      if (cell.number && std::isfinite(*cell.number)) html_ += " data-value=\"" + shortest(*cell.number) + "\"";
      if (cell.kind == FigureCell::Kind::day) html_ += " data-kind=\"day\"";
    }
    html_ += ">" + readable(format_.cell(cell)) + (names_row ? "</th>" : "</td>");
  }

  // A text of the data in a cell of its own direction, and of bounded height.
  static std::string readable(const std::string& text) {
    return std::string(text.size() > kLongText ? "<bdi class=\"long\">" : "<bdi>") + html_text(text) + "</bdi>";
  }

  void tail() {
    if (has_pictures_) {
      FigureOptions of_theme = options_.figures;
      Json configs = Json::object();
      of_theme.theme = Theme::light;
      configs["light"] = vega_config(of_theme);  // printing is light always
      of_theme.theme = Theme::dark;
      if (options_.follow_device_theme || options_.figures.theme == Theme::dark)
        configs["dark"] = vega_config(of_theme);
      html_ += "<script type=\"application/json\" id=\"vega-config\">" +
               script_json(configs.dump(-1, ' ', false, Json::error_handler_t::replace)) + "</script>\n";
      if (options_.runtime == VegaRuntime::embedded) {
        html_ += "<script>";
        append(html_, vega_runtime());
        html_ += "</script>\n";
      } else {
        html_ += linked_vega_scripts();
      }
    }
    html_ += "<script>";
    append(html_, page_script());
    html_ += "</script>\n</body>\n</html>\n";
  }

  const HtmlOptions& options_;
  NumberFormat format_;
  Language language_;
  bool has_pictures_ = false;
  std::vector<std::string> ids_;
  std::size_t next_id_ = 0;
  std::string html_;
};

}  // namespace

bool has_vega_runtime() {
  return !vega_runtime().empty();
}

VegaRuntime default_vega_runtime() {
  return has_vega_runtime() ? VegaRuntime::embedded : VegaRuntime::linked;
}

std::string linked_vega_scripts() {
  std::string elements;
  for (const VegaLink& link : kVegaLinks)
    elements += "<script src=\"" + std::string(link.address) + "\" integrity=\"sha384-" +
                base64(bytes_of(link.sha384)) + "\" crossorigin=\"anonymous\"></script>\n";
  return elements;
}

void write_html(std::ostream& out, const std::vector<PageSection>& sections, const HtmlOptions& options) {
  if (options.runtime == VegaRuntime::embedded && !has_vega_runtime())
    throw InvalidArgument(
        "runtime is embedded, but this library was built without Vega; install libjs-vega and build it "
        "anew (CMake option PUTKI_VEGA), or use linked or none");
  out << PageWriter(options).page(sections);
}

}  // namespace putki
