#include "html_support.hpp"

#include <putki/core/error.hpp>
#include <putki/report/html_page.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <locale>
#include <set>
#include <sstream>

using namespace putki;
using Catch::Matchers::Contains;
using nlohmann::json;

namespace {

constexpr const char* kPicture = R"({"$schema":"https://vega.github.io/schema/vega/v5.json","width":720,"height":20,
"config":{"background":"#123456"},"data":[{"name":"rows","values":[{"x":0.1}]}],
"marks":[{"type":"rect","from":{"data":"rows"},"encode":{"update":{"width":{"value":9},"height":{"value":9}}}}]})";

Figure figure_of(const std::string& words) {
  Figure figure{.name = "flow", .title = "Half of " + words + " are lost", .computed = "Counted from " + words};
  figure.specification = kPicture;
  figure.table.columns = {words, "Deals"};
  figure.table.rows = {{FigureCell::of_text(words), FigureCell::count(3)},
                       {FigureCell::of_text("Lost"), FigureCell::count(std::nullopt)}};
  return figure;
}

std::string page_of(const std::vector<PageSection>& sections, HtmlOptions options = {}) {
  std::ostringstream out;
  write_html(out, sections, options);
  return out.str();
}
HtmlOptions without_runtime() {
  HtmlOptions options;
  options.runtime = VegaRuntime::linked;
  return options;
}

std::string policy_of(const std::vector<html::Tag>& tags) {
  for (const html::Tag& tag : html::named(tags, "meta"))
    if (tag.attributes.count("http-equiv")) return tag.attributes.at("content");
  return {};
}

// By CMake, and base64 bit by bit: nothing of the library.
std::string independent_hash(const std::string& text, const std::string& algorithm = "sha256") {
  const std::string file = "html_page_test.hashed";
  std::ofstream(file, std::ios::binary) << text;
  FILE* pipe = popen((PUTKI_CMAKE " -E " + algorithm + "sum " + file).c_str(), "r");
  REQUIRE(pipe);
  char line[512] = {};
  REQUIRE(std::fgets(line, sizeof line, pipe));
  pclose(pipe);
  std::remove(file.c_str());
  std::string bits;
  for (const char* c = line; *c != ' '; ++c) {
    const int digit = *c <= '9' ? *c - '0' : *c - 'a' + 10;
    for (int bit = 3; bit >= 0; --bit) bits += digit >> bit & 1 ? '1' : '0';
  }
  std::string result;
  while (bits.size() % 6 != 0) bits += '0';
  for (std::size_t i = 0; i < bits.size(); i += 6)
    result +=
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[std::stoul(bits.substr(i, 6), nullptr, 2)];
  while (result.size() % 4 != 0) result += '=';
  return algorithm + "-" + result;
}

std::vector<std::string> hostile_names() {
  std::vector<std::string> names = {"</script><img src=x onerror=alert(1)>",
                                    "<script>alert(1)</script>",
                                    "]]> --> <!-- <![CDATA[",
                                    "\" onmouseover=\"alert(1)",
                                    "' onfocus='alert(1)",
                                    "</title></style></bdi></td></table>",
                                    "&lt;b&gt; &amp; &#x3c;",
                                    "\xd7\xa9\xd7\x9c\xd7\x95\xd7\x9d \xd9\x85\xd8\xb1\xd8\xad\xd8\xa8\xd8\xa7",
                                    "=HYPERLINK(\"http://example.org\")",
                                    "javascript:alert(1)",
                                    "{{constructor.constructor('alert(1)')()}}",
                                    "${alert(1)} `",
                                    ""};
  names.emplace_back(10000, 'W');
  return names;
}

}  // namespace

TEST_CASE("a page is whole: every part of a figure in its place, and addresses that are there") {
  Figure table_only = figure_of("deals");
  table_only.name = "nothing-drawn";
  table_only.specification.clear();
  const std::vector<PageSection> sections = {{"Funnel", {figure_of("deals"), table_only}}, {"Again", {figure_of("x")}}};
  HtmlOptions options = without_runtime();
  options.title = "Sales";
  options.subtitle = "as of 13 Jan 2012";
  const std::string page = page_of(sections, options);
  CHECK(page.rfind("<!doctype html>\n<html lang=\"en\"", 0) == 0);
  const std::vector<html::Tag> tags = html::tags(page);
  CHECK_NOTHROW(html::skeleton(tags));
  CHECK(html::named(tags, "title").front().text == "Sales");
  CHECK(html::named(tags, "h1").front().text == "Sales");
  CHECK(html::named(tags, "h2").size() == 2);
  CHECK(html::named(tags, "figure").size() == 3);
  CHECK(html::named(tags, "table").size() == 3);
  CHECK(html::named(tags, "caption").size() == 3);
  CHECK(html::named(tags, "noscript").size() == 2);
  for (const html::Tag& details : html::named(tags, "details")) CHECK(details.attributes.count("open"));

  std::set<std::string> ids;
  for (const html::Tag& tag : tags)
    if (tag.attributes.count("id")) CHECK(ids.insert(tag.attributes.at("id")).second);
  for (const html::Tag& tag : tags) {
    if (tag.attributes.count("href")) CHECK(ids.count(tag.attributes.at("href").substr(1)));
    if (tag.attributes.count("aria-labelledby")) CHECK(ids.count(tag.attributes.at("aria-labelledby")));
  }
  CHECK(ids.count("flow"));
  CHECK(ids.count("flow--2"));
  CHECK(html::named(tags, "a").size() == 5);
  for (const html::Tag& head : html::named(tags, "th"))
    CHECK((head.attributes.at("scope") == "col" || head.attributes.at("scope") == "row"));
}

TEST_CASE("whatever names contain, the page has the same structure and shows them as they are") {
  const auto sections_of = [](const std::string& words) {
    std::vector<PageSection> sections = {{words, {figure_of(words)}}};
    json picture = json::parse(kPicture);
    picture["data"][0]["values"][0]["name"] = words;
    sections[0].figures[0].specification = picture.dump();
    return sections;
  };
  const auto options_of = [](const std::string& words) {
    HtmlOptions options = without_runtime();
    options.title = words + ".";
    options.subtitle = words + ".";
    options.figures.currency = words;
    return options;
  };
  const std::string plain = html::skeleton(html::tags(page_of(sections_of("deals"), options_of("deals"))));
  for (const std::string& name : hostile_names()) {
    INFO(name.substr(0, 60));
    const std::vector<html::Tag> tags = html::tags(page_of(sections_of(name), options_of(name)));
    CHECK(html::skeleton(tags) == plain);
    CHECK(html::named(tags, "h2").front().text == name);
    CHECK(html::named(tags, "title").front().text == name + ".");
    std::set<std::string> cells;
    for (const html::Tag& cell : html::named(tags, "bdi")) cells.insert(cell.text);
    CHECK(cells.count(name));
    std::size_t found = 0;
    for (const html::Tag& script : html::named(tags, "script")) {
      if (!script.attributes.count("type")) continue;
      CHECK(script.text.find_first_of("<>&") == std::string::npos);
      const json content = json::parse(script.text);
      if (content.contains("data")) found += content["data"][0]["values"][0]["name"] == name;
    }
    CHECK(found == 1);
  }
}

TEST_CASE("what is no text is not on the page: broken UTF-8, NUL, control and direction characters") {
  const auto shown = [](const std::string& name) {
    const std::vector<html::Tag> tags = html::tags(page_of({{name, {}}}, without_runtime()));
    return html::named(tags, "h2").front().text;
  };
  CHECK(shown(std::string("a\0b", 3)) == "ab");
  CHECK(shown("a\x01\x1b[31m\x7f\xc2\x9b"
              "b") == "a[31mb");
  CHECK(shown("a\tb\r\nc") == "a b  c");
  CHECK(shown("a\xff"
              "b") ==
        "a\xef\xbf\xbd"
        "b");
  CHECK(shown("a\xc3") == "a\xef\xbf\xbd");
  CHECK(shown("\xed\xa0\x80") == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  CHECK(shown("\xc0\xbcscript") == "\xef\xbf\xbd\xef\xbf\xbdscript");
  CHECK(shown("a\xe2\x80\xae"
              "b\xe2\x81\xa6"
              "c") == "abc");
  CHECK(shown("a\xef\xbf\xbf") == "a\xef\xbf\xbd");
  CHECK(shown("\xf0\x9f\x92\xb6 \xc3\x84") == "\xf0\x9f\x92\xb6 \xc3\x84");
}

TEST_CASE("cells hold the exact number beside the one that is read") {
  const std::vector<double> values = {
      0.1, 1.0 / 3, 1e21, 1e-300, 5e-324, -1234567.891, 9007199254740993.0, 0, 123456.0, 0.30000000000000004};
  Figure figure{.name = "numbers", .title = "Numbers"};
  figure.table.columns = {"Row", "Number"};
  for (const double value : values)
    figure.table.rows.push_back({FigureCell::of_text("x"), FigureCell::of_number(value)});
  figure.table.rows.push_back({FigureCell::day(*parse_day("2012-01-13")), FigureCell::share(0.12345)});
  figure.table.rows.push_back({FigureCell::money(1234567.89), FigureCell::days(2.25)});
  figure.table.rows.push_back(
      {FigureCell::of_number(std::nullopt), FigureCell::of_number(std::numeric_limits<double>::quiet_NaN())});
  HtmlOptions options = without_runtime();
  options.figures.language = Language::finnish;
  options.figures.currency = "€";
  struct Grouping : std::numpunct<char> {
    char do_thousands_sep() const override { return ','; }
    std::string do_grouping() const override { return "\1"; }
  };
  std::ostringstream out;
  out.imbue(std::locale(std::locale::classic(), new Grouping));
  write_html(out, {{"Section", {figure}}}, options);
  const std::vector<html::Tag> tags = html::tags(out.str());
  std::vector<html::Tag> cells;
  std::vector<std::string> read;
  for (std::size_t i = 0; i < tags.size(); ++i)
    if (tags[i].name == "td" || (tags[i].name == "th" && tags[i].attributes.at("scope") == "row")) {
      cells.push_back(tags[i]);
      read.push_back(tags[i + 1].text);
    }
  REQUIRE(cells.size() == 2 * (values.size() + 3));
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::string& text = cells[2 * i + 1].attributes.at("data-value");
    CHECK(std::strtod(text.c_str(), nullptr) == values[i]);
    CHECK(text.size() <= 24);
  }
  CHECK(cells[1].attributes.at("data-value") == "0.1");
  const std::size_t n = 2 * values.size();
  CHECK(cells[n].attributes.at("data-value") == "15352");  // days from 1970-01-01 to 2012-01-13: 42 * 365 + 10 + 12
  CHECK(cells[n].attributes.at("data-kind") == "day");
  CHECK(read[n] == "13.1.2012");
  CHECK(read[n + 1] == "12,3\u00A0%");
  CHECK(cells[n + 2].attributes.at("data-value") == "1234567.89");
  CHECK(read[n + 2] == "1\u00A0234\u00A0568\u00A0€");
  CHECK(cells[n + 4].attributes.count("data-value") == 0);
  CHECK(cells[n + 5].attributes.count("data-value") == 0);
  CHECK(read[n + 5] == "–");
}

TEST_CASE("the policy allows the page's own scripts and style by their hashes, and nothing else") {
  for (const VegaRuntime runtime : {VegaRuntime::none, VegaRuntime::linked, VegaRuntime::embedded}) {
    if (runtime == VegaRuntime::embedded && !has_vega_runtime()) continue;
    HtmlOptions options;
    options.runtime = runtime;
    const std::vector<html::Tag> tags = html::tags(page_of({{"Funnel", {figure_of("deals")}}}, options));
    const std::string policy = policy_of(tags);
    const std::vector<html::Tag> programs = html::programs(tags);
    REQUIRE(programs.size() == (runtime == VegaRuntime::none ? 1 : runtime == VegaRuntime::embedded ? 2 : 3));
    std::string sources;
    for (const html::Tag& program : programs) {
      const bool linked = program.attributes.count("src") > 0;
      sources += " " + (linked ? program.attributes.at("src") : "'" + independent_hash(program.text) + "'");
      CHECK(linked == program.text.empty());
    }
    CHECK(policy == "default-src 'none'; script-src" + sources + "; style-src '" +
                        independent_hash(html::named(tags, "style").front().text) +
                        "'; base-uri 'none'; form-action 'none'");
    // It stands before whatever it is to hold.
    CHECK(tags[2].attributes.count("charset"));
    CHECK(tags[3].attributes.at("http-equiv") == "Content-Security-Policy");
    for (const html::Tag& tag : tags)
      for (const auto& [name, value] : tag.attributes) {
        CHECK(name.rfind("on", 0) != 0);
        CHECK(name != "style");
      }
  }
}

TEST_CASE("a linked page names what it loads, with hashes of 384 bits that are those of the published files") {
  const std::vector<html::Tag> tags = html::tags(page_of({{"Funnel", {figure_of("deals")}}}, without_runtime()));
  const std::vector<html::Tag> programs = html::programs(tags);
  REQUIRE(programs.size() == 3);
  for (std::size_t i = 0; i < 2; ++i) {
    const std::string& address = programs[i].attributes.at("src");
    CHECK(address.rfind("https://cdn.jsdelivr.net/npm/vega", 0) == 0);
    CHECK(programs[i].attributes.at("crossorigin") == "anonymous");
    const std::string& integrity = programs[i].attributes.at("integrity");
    CHECK(integrity.rfind("sha384-", 0) == 0);
    CHECK(integrity.size() == 7 + 64);
#ifdef PUTKI_NPM_DIR
    // .../npm/vega@5.22.1/build/vega.min.js is vega/build/vega.min.js.
    std::string file = address.substr(address.find("/npm/") + 5);
    const std::size_t at = file.find('@');
    file.erase(at, file.find('/') - at);
    std::ifstream in(std::string(PUTKI_NPM_DIR) + "/" + file, std::ios::binary);
    REQUIRE(in);
    std::ostringstream bytes;
    bytes << in.rdbuf();
    CHECK(independent_hash(bytes.str(), "sha384") == integrity);
#endif
  }
}

TEST_CASE("colours come from the page: its config in the place of each specification's own") {
  const auto configs_of = [](bool follow, Theme theme) {
    HtmlOptions options = without_runtime();
    options.follow_device_theme = follow;
    options.figures.theme = theme;
    const std::string page = page_of({{"Funnel", {figure_of("deals")}}}, options);
    CHECK(page.find("#123456") == std::string::npos);
    const std::vector<html::Tag> tags = html::tags(page);
    for (const html::Tag& script : html::named(tags, "script"))
      if (script.attributes.count("id"))
        return std::make_pair(json::parse(script.text), tags[0].attributes.at("data-theme"));
    throw std::runtime_error("no config");
  };
  const auto [both, automatic] = configs_of(true, Theme::light);
  CHECK(automatic == "automatic");
  CHECK(both["light"]["background"] == "#ffffff");
  CHECK(both["dark"]["background"] == "#0d1117");
  const auto [light, name] = configs_of(false, Theme::light);
  CHECK(name == "light");
  CHECK(light.size() == 1);
  CHECK(configs_of(false, Theme::dark).second == "dark");

  // The colours of the page itself are those of its pictures.
  const std::string style = html::named(html::tags(page_of({}, {})), "style").front().text;
  for (const char* of_theme : {"light", "dark"})
    for (const json& signal : both[of_theme]["signals"])
      for (const char* shared : {"ink", "muted", "grid", "paper", "accent"})
        if (signal["name"] == shared) CHECK_THAT(style, Contains(signal["value"].get<std::string>()));
}

TEST_CASE("a page without figures says so, in its language, and runs no Vega") {
  HtmlOptions options;
  options.figures.language = Language::finnish;
  const std::string page = page_of({}, options);
  CHECK_THAT(page, Contains("<html lang=\"fi\"") && Contains("Näytettävää ei vielä ole."));
  CHECK(html::programs(html::tags(page)).size() == 1);
  CHECK(page.size() < 30000);
  CHECK_NOTHROW(html::skeleton(html::tags(page)));
  CHECK_NOTHROW(html::skeleton(html::tags(page_of({{"", {}}, {"", {}}}, options))));
}

TEST_CASE("a page without runtime is tables alone") {
  HtmlOptions options;
  options.runtime = VegaRuntime::none;
  const std::vector<html::Tag> tags = html::tags(page_of({{"Funnel", {figure_of("deals")}}}, options));
  CHECK(html::named(tags, "script").size() == 1);
  CHECK(html::named(tags, "table").size() == 1);
  CHECK(html::named(tags, "noscript").empty());
}

TEST_CASE("an embedded page holds the runtime and its licence, or says what to install") {
  HtmlOptions options;
  options.runtime = VegaRuntime::embedded;
  if (!has_vega_runtime()) {
    CHECK(default_vega_runtime() == VegaRuntime::linked);
    CHECK_THROWS_WITH(page_of({}, options), Contains("install libjs-vega") && Contains("linked or none"));
    return;
  }
  CHECK(default_vega_runtime() == VegaRuntime::embedded);
  const std::string page = page_of({{"Funnel", {figure_of("deals")}}}, options);
  CHECK_THAT(page, Contains("Copyright (c) 2015-2021, University of Washington Interactive Data Lab"));
  CHECK(page.find("cdn.jsdelivr.net") == std::string::npos);
  CHECK(page.size() < 700000);
}

TEST_CASE("a figure that cannot stand on a page is refused by name, and nothing is written") {
  const auto refused = [](Figure figure) {
    std::ostringstream out;
    std::string message;
    try {
      write_html(out, {{"Funnel", {figure_of("deals"), figure}}}, without_runtime());
    } catch (const InvalidArgument& error) {
      message = error.what();
    }
    CHECK(out.str().empty());
    return message;
  };
  Figure figure = figure_of("deals");
  figure.name = "a b";
  CHECK(refused(figure) == "a figure is called 'a b'; allowed are a-z, 0-9 and hyphens");
  figure.name.clear();
  CHECK_THAT(refused(figure), Contains("no name"));
  figure = figure_of("deals");
  figure.table.rows[1].pop_back();
  CHECK(refused(figure) == "figure flow has a row of 1 cells under 2 columns");
  for (const char* specification : {"{", "[]", "null", "\"\xff\""}) {
    figure = figure_of("deals");
    figure.specification = specification;
    CHECK(refused(figure) == "the specification of figure flow is not a JSON object");
  }
  HtmlOptions options;
  options.figures.locale = "xx";
  CHECK_THROWS_WITH(page_of({}, options), Contains("locale is 'xx'"));
}
