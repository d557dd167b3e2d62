// check_page <chromium> <page.html> [--json FILE ... [--except FIGURE ...]] [--screenshots FOLDER]
//
// Opens a page in headless Chromium, without a network, and fails, naming all it found, when
//   a figure has no picture with marks, or says that it could not be drawn;
//   anything is written to the console: errors, warnings, violations of the policy;
//   the page asks for anything beside itself;
//   something of the data runs, or becomes an element (the pages of pages.cpp mark the document if it does);
//   a number of a table (data-value) is neither in the figure's specification nor in one of the JSON files, when there
//   are any; the figures excepted are counted, not compared.
// --screenshots: one for each section and one of the whole in dark, for the eye.

#include "html_support.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string quoted(const std::string& text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

struct Browser {
  std::string program;
  fs::path scratch;

  // Standard output of a run.
  std::string run(const std::string& options, const std::string& address) const {
    const fs::path out = scratch / "out", err = scratch / "err";
    const std::string command =
        quoted(program) +
        " --headless=new --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --disable-extensions"
        " --disable-background-networking --disable-component-update --disable-default-apps --disable-sync"
        " --host-resolver-rules='MAP * ~NOTFOUND' --virtual-time-budget=30000 --enable-logging=stderr --v=0"
        " --user-data-dir=" +
        quoted((scratch / "profile").string()) + " " + options + " " + quoted(address) + " >" + quoted(out.string()) +
        " 2>" + quoted(err.string());
    if (std::system(command.c_str()) != 0) std::cerr << "the browser failed: " << command << '\n' << read(err) << '\n';
    return read(out);
  }
};

// All numbers of a JSON value; of dates such as 2012-01-13 the days since 1970.
void collect(const json& value, std::set<double>& numbers) {
  if (value.is_number()) {
    numbers.insert(value.get<double>());
  } else if (value.is_structured()) {
    for (const json& part : value) collect(part, numbers);
  } else if (value.is_string()) {
    int year = 0;
    unsigned month = 0, day = 0;
    const std::string text = value.get<std::string>();
    if (text.size() >= 10 && std::sscanf(text.c_str(), "%4d-%2u-%2u", &year, &month, &day) == 3) {
      const std::chrono::sys_days date = std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day);
      numbers.insert(static_cast<double>(date.time_since_epoch().count()));
    }
  }
}

class Check {
 public:
  void expect(bool holds, const std::string& otherwise) {
    if (!holds) std::cerr << "FAILED: " << otherwise.substr(0, 500) << '\n';
    holds_ = holds_ && holds;
  }
  bool holds() const { return holds_; }

 private:
  bool holds_ = true;
};

struct ShownFigure {
  std::string id, specification, failure;
  bool has_picture = false;
  std::size_t marks = 0;
  std::vector<std::string> values;
};

std::vector<ShownFigure> figures_of(const std::vector<html::Tag>& tags) {
  std::vector<ShownFigure> figures;
  bool inside = false, marks = false;
  for (const html::Tag& tag : tags) {
    if (tag.name == "figure") {
      figures.emplace_back();
      figures.back().id = tag.attributes.at("id");
      figures.back().has_picture = tag.attributes.count("data-picture") > 0;
      inside = true;
    }
    if (tag.name == "/figure") inside = false;
    if (!inside) continue;
    ShownFigure& figure = figures.back();
    if (tag.name == "script") figure.specification = tag.text;
    if (tag.attributes.count("data-value")) figure.values.push_back(tag.attributes.at("data-value"));
    if (tag.name == "p" && tag.attributes.count("class") && tag.attributes.at("class") == "failure")
      figure.failure = tag.text;
    // Vega calls what data are drawn with so; axes, legends and backgrounds have other roles. Empty groups do not
    // count.
    if (marks && tag.name.front() != '/') ++figure.marks;
    const auto role = tag.attributes.find("class");
    marks = role != tag.attributes.end() && role->second.find(" role-mark") != std::string::npos;
  }
  return figures;
}

void check_requests(const fs::path& log, Check& check) {
  std::string text = read(log);
  json events = json::parse(text, nullptr, false);
  if (events.is_discarded()) {  // the browser ended before its log did
    text = text.substr(0, text.rfind('}') + 1) + "]}";
    events = json::parse(text, nullptr, false);
  }
  check.expect(events.is_object() && events.contains("constants"), "the browser's log of requests cannot be read");
  if (!events.is_object()) return;
  const int request = events["constants"]["logEventTypes"]["URL_REQUEST_START_JOB"];
  for (const json& event : events["events"]) {
    if (event["type"] != request || !event.contains("params") || !event["params"].contains("url")) continue;
    // The browser's own have no origin.
    if (event["params"].value("initiator", "") != "not an origin")
      check.expect(false, "the page asks for " + event["params"]["url"].get<std::string>());
  }
}

void check_numbers(const ShownFigure& figure, const std::set<double>& reported, Check& check) {
  std::set<double> numbers = reported;
  if (!figure.specification.empty()) collect(json::parse(figure.specification), numbers);
  for (const std::string& text : figure.values) {
    const double value = std::strtod(text.c_str(), nullptr);
    // To nine digits: a share that is the rest of others may end in other digits than the report's.
    const auto is_there = [&](double wanted) {
      const double slack = 1e-9 * std::max(1.0, std::abs(wanted));
      const auto next = numbers.lower_bound(wanted - slack);
      return next != numbers.end() && *next <= wanted + slack;
    };
    const bool found = is_there(value) || is_there(value * 86400000);
    check.expect(found, "figure " + figure.id + ": the table's " + text + " is not in the JSON");
  }
}

std::string only_section(std::string page, const std::string& id) {
  const std::size_t contents = page.find("<nav"), after = page.find("</nav>");
  page.erase(contents, after + 6 - contents);
  for (std::size_t at = page.find("<section "); at != std::string::npos; at = page.find("<section ", at)) {
    const std::size_t end = page.find("</section>", at) + 10;
    if (page.compare(at, 14 + id.size(), "<section id=\"" + id + "\"") == 0)
      at = end;
    else
      page.erase(at, end - at);
  }
  return page;
}

// Of a section, in pixels: its pictures, and room for what is written about each.
int height_of(const std::vector<html::Tag>& tags, const std::string& id) {
  bool inside = false;
  double height = 250;
  for (const html::Tag& tag : tags) {
    if (tag.name == "section") inside = tag.attributes.at("id") == id;
    if (inside && tag.name == "figure") height += 260;
    if (inside && tag.name == "svg" && tag.attributes.count("height"))
      height += std::strtod(tag.attributes.at("height").c_str(), nullptr);
  }
  return static_cast<int>(height);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const fs::path page = fs::absolute(argv[2]);
  std::vector<std::string> json_files;
  std::set<std::string> excepted;
  fs::path screenshots;
  for (int i = 3; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--json" && i + 1 < argc) json_files.push_back(argv[++i]);
    if (option == "--except" && i + 1 < argc) excepted.insert(argv[++i]);
    if (option == "--screenshots" && i + 1 < argc) screenshots = fs::absolute(argv[++i]);
  }
  const std::string stem = page.stem().string();
  const Browser browser{argv[1], fs::absolute(page.parent_path() / (stem + ".browser"))};
  fs::remove_all(browser.scratch);
  fs::create_directories(browser.scratch);
  const std::string address = "file://" + page.string();

  Check check;
  const fs::path log = browser.scratch / "requests.json";
  const std::string dom =
      browser.run("--window-size=1000,1600 --dump-dom --log-net-log=" + quoted(log.string()), address);
  check_requests(log, check);
  std::istringstream messages(read(browser.scratch / "err"));
  for (std::string line; std::getline(messages, line);)
    if (line.find(":CONSOLE") != std::string::npos) check.expect(false, "console: " + line);

  const std::vector<html::Tag> tags = html::tags(dom);
  const html::Tag& root = tags.at(0);
  const auto attribute = [&](const char* name) {
    const auto found = root.attributes.find(name);
    return found == root.attributes.end() ? std::string() : found->second;
  };
  check.expect(root.name == "html" && attribute("data-state") == "drawn", "the page did not come to its end");
  check.expect(attribute("data-failures") == "0", attribute("data-failures") + " pictures failed");
  check.expect(!root.attributes.count("data-pwned"), "something of the data ran");
  for (const html::Tag& tag : tags) {
    for (const char* foreign : {"img", "iframe", "object", "embed", "link", "base", "input", "image"})
      check.expect(tag.name != foreign, "the page has an element <" + tag.name + ">");
    for (const auto& [name, value] : tag.attributes) {
      check.expect(name.rfind("on", 0) != 0, "the page has an attribute " + name);
      if (name == "href" || name == "src" || name == "xlink:href")
        check.expect(value.front() == '#', "the page has an address " + value);
    }
  }

  std::set<double> reported;
  for (const std::string& file : json_files) {
    const json report = json::parse(read(file), nullptr, false);
    check.expect(!report.is_discarded(), file + " is not JSON");
    collect(report, reported);
  }
  const std::vector<ShownFigure> figures = figures_of(tags);
  std::size_t marks = 0, values = 0;
  for (const ShownFigure& figure : figures) {
    if (figure.has_picture) {
      check.expect(figure.marks > 0, "figure " + figure.id + " has a picture without marks");
      check.expect(figure.failure.empty(), "figure " + figure.id + ": " + figure.failure);
    }
    if (!json_files.empty() && !excepted.count(figure.id)) check_numbers(figure, reported, check);
    marks += figure.marks;
    values += figure.values.size();
  }
  std::cout << page.filename().string() << ": " << figures.size() << " figures, " << marks << " groups of marks, "
            << values << " numbers in tables, " << fs::file_size(page) / 1024 << " kB\n";

  if (!screenshots.empty()) {
    fs::create_directories(screenshots);
    const auto shoot = [&](const std::string& name, const std::string& options, const fs::path& file) {
      browser.run(options + " --screenshot=" + quoted((screenshots / (stem + "-" + name + ".png")).string()),
                  "file://" + file.string());
    };
    // A section by itself is the page without the others: its scripts, and so its policy, are the same.
    const std::string whole = read(page);
    for (const html::Tag& section : html::named(tags, "section")) {
      const std::string& id = section.attributes.at("id");
      const fs::path alone = browser.scratch / (id + ".html");
      std::ofstream(alone, std::ios::binary) << only_section(whole, id);
      shoot(id, "--window-size=1000," + std::to_string(height_of(tags, id)), alone);
    }
    shoot("dark", "--window-size=480,6000 --blink-settings=preferredColorScheme=0", page);
  }
  fs::remove_all(browser.scratch / "profile");
  return check.holds() ? 0 : 1;
}
