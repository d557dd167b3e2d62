#pragma once
// What the example programs share: running with errors in one line, arguments that are days, progress on a terminal.

#include <putki/putki.hpp>

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>
#include <string>

namespace example {

/// Exit codes: 0 done, 2 bad arguments or input, 130 stopped.
inline int run(CLI::App& app, int argc, char** argv, const std::function<void()>& body) {
  try {
    app.parse(argc, argv);
    body();
    std::cout.flush();
    if (!std::cout) throw putki::InputError("standard output cannot be written", putki::ErrorCode::io);
    return 0;
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::ParseError& error) {
    std::cerr << app.get_name() << ": " << error.what() << " (--help lists the options)\n";
  } catch (const putki::Cancelled& stopped) {
    std::cerr << app.get_name() << ": " << stopped.what() << '\n';
    return 130;
  } catch (const std::exception& error) {
    std::cerr << app.get_name() << ": " << error.what() << '\n';
  }
  return 2;
}

inline putki::Day day_argument(const std::string& option, const std::string& text) {
  const auto day = putki::parse_day(text);
  if (!day) throw putki::InvalidArgument(option + " is '" + text + "'; a day is written YYYY-MM-DD");
  return *day;
}

/// `28d`, `4w`, or days as a bare number.
inline int duration_argument(const std::string& option, const std::string& text) {
  const auto wrong = [&] {
    return putki::InvalidArgument(option + " is '" + text + "'; write days or weeks, such as 28d or 4w, up to 3660d");
  };
  std::size_t used = 0;
  int number = 0;
  try {
    number = std::stoi(text, &used);
  } catch (const std::exception&) {
    throw wrong();
  }
  const std::string unit = text.substr(used);
  if (number < 1 || number > 3660 || (unit != "" && unit != "d" && unit != "w")) throw wrong();
  return unit == "w" ? 7 * number : number;
}

inline volatile std::sig_atomic_t interrupted = 0;

/// Shows the share done on a terminal; Ctrl-C stops the work in good order.
inline putki::Progress progress(const std::string& what) {
  std::signal(SIGINT, [](int) { interrupted = 1; });
  const bool terminal = isatty(STDERR_FILENO) == 1;
  return [what, terminal, shown = -1](double share) mutable {
    const int percent = static_cast<int>(100 * share);
    if (terminal && percent != shown) {
      std::fprintf(stderr, "\r%s %3d %%", what.c_str(), percent);
      if (percent == 100) std::fprintf(stderr, "\r%*s\r", static_cast<int>(what.size()) + 6, "");
      shown = percent;
    }
    return interrupted == 0;
  };
}

/// What was read and what was wrong with it, a line each rule.
inline void write_findings(std::ostream& out, const putki::DataQualityReport& report) {
  out << '\n'
      << report.rows_read() << " rows read, " << report.rows_used() << " used, " << report.rows_set_aside()
      << " set aside\n";
  for (const auto& [rule, finding] : report.findings()) {
    out << (putki::sets_aside(rule) ? "  set aside  " : "  note       ") << putki::name(rule) << ": " << finding.count
        << " rows, " << putki::explain(rule) << "; first in row";
    for (std::size_t i = 0; i < finding.first_rows.size(); ++i) out << (i > 0 ? ", " : " ") << finding.first_rows[i];
    for (std::size_t i = 0; i < finding.examples.size(); ++i)
      out << (i > 0 ? ", " : " (") << '"' << finding.examples[i] << '"';
    out << (finding.examples.empty() ? "" : ")") << '\n';
  }
}

inline putki::InputSummary input_summary(const putki::DataQualityReport& report) {
  putki::InputSummary summary{
      .rows_read = report.rows_read(), .rows_used = report.rows_used(), .findings = {}, .notes = {}};
  for (const auto& [rule, finding] : report.findings())
    (putki::sets_aside(rule) ? summary.findings : summary.notes)
        .push_back({std::string(putki::name(rule)), finding.count});
  return summary;
}

/// Writes to the file, or to standard output for "-".
inline void write_file(const std::string& file, const std::string& text) {
  if (file == "-") {
    std::cout << text << '\n';
    return;
  }
  std::ofstream out(file);
  out << text << '\n';
  out.close();
  if (!out) throw putki::InputError("'" + file + "' cannot be written", putki::ErrorCode::io);
}

}  // namespace example
