#pragma once
// What the example programs share: running with errors in one line, arguments that are days, progress on a terminal.

#include <putki/putki.hpp>

#include <CLI/CLI.hpp>

#include <unistd.h>

#include <cmath>
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

inline double number_argument(const std::string& option, const std::string& text) {
  std::size_t used = 0;
  double number = std::nan("");
  try {
    number = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  if (text.empty() || used != text.size() || !std::isfinite(number))
    throw putki::InvalidArgument(option + " is '" + text +
                                 "'; write a number without thousands marks, such as 1200000");
  return number;
}

/// What model_arguments takes.
inline void add_clock_options(CLI::App& app, std::string& clock, std::string& half_life) {
  app.add_option("--clock", clock,
                 "Ages in a stage count calendar days, the calendar's business days, or automatic: whichever foretold "
                 "the last weeks better")
      ->capture_default_str();
  app.add_option("--half-life", half_life,
                 "Days after which history counts half; 0: all of it counts alike; automatic: one of 0, 45, 90, 180, "
                 "chosen like the clock")
      ->capture_default_str();
}

/// `--clock` and `--half-life`, as options of the model.
inline void model_arguments(putki::DatedModelOptions& options, const std::string& clock, const std::string& half_life,
                            bool has_calendar) {
  if (clock == "business" && !has_calendar)
    throw putki::InvalidArgument("--clock is 'business', but the pipeline definition has no \"calendar\"");
  if (clock == "business")
    options.clock = putki::Clock::business;
  else if (clock == "automatic")
    options.clock = putki::Clock::automatic;
  else if (clock != "calendar")
    throw putki::InvalidArgument("--clock is '" + clock + "'; allowed are calendar, business, automatic");
  if (half_life == "automatic")
    options.choose_half_life = true;
  else
    options.half_life_days = number_argument("--half-life", half_life);
  if (options.half_life_days != 0 && options.half_life_days < 7)
    throw putki::InvalidArgument("--half-life is " + half_life +
                                 "; allowed are 0 (all history counts alike), 7 days or more, automatic");
}

inline double target_argument(const std::string& text) {
  const double target = number_argument("--target", text);
  if (!(target >= 0 && target <= 1e15)) throw putki::InvalidArgument("--target is " + text + "; allowed are 0 to 1e15");
  return target;
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
  const int days = unit == "w" ? 7 * number : number;
  return days <= 3660 ? days : throw wrong();
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

/// For work that shows no progress: from here on Ctrl-C ends the program where it stands, exit code 130.
inline void stop_on_the_spot() {
  std::signal(SIGINT, [](int) {
    constexpr char kStopped[] = "stopped on request\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kStopped, sizeof kStopped - 1);
    _exit(130);
  });
  if (interrupted != 0) throw putki::Cancelled();
}

inline std::string counted(std::uint64_t count, const std::string& thing) {
  return std::to_string(count) + ' ' + thing + (count == 1 ? "" : "s");
}

/// What was read and what was wrong with it, a line each rule.
inline void write_rows(std::ostream& out, const putki::DataQualityReport& report) {
  out << '\n'
      << counted(report.rows_read(), "row") << " read, " << report.rows_used() << " used, " << report.rows_set_aside()
      << " set aside\n";
  for (const auto& [rule, finding] : report.findings()) {
    out << (putki::sets_aside(rule) ? "  set aside  " : "  note       ") << putki::name(rule) << ": "
        << counted(finding.count, "row") << ", " << putki::explain(rule) << "; first in row";
    for (std::size_t i = 0; i < finding.first_rows.size(); ++i) out << (i > 0 ? ", " : " ") << finding.first_rows[i];
    for (std::size_t i = 0; i < finding.examples.size(); ++i)
      out << (i > 0 ? ", " : " (") << '"' << finding.examples[i] << '"';
    out << (finding.examples.empty() ? "" : ")") << '\n';
  }
}

/// The same, and when the history is not that of the day asked about.
inline void write_findings(std::ostream& out, const putki::ReadLog& history, putki::Day as_of) {
  write_rows(out, history.report);
  for (const putki::StructureFinding& finding : history.log.graph().check())
    out << "  definition " << putki::to_string(finding.problem) << ": " << finding.message << '\n';
  if (!history.log.first_time()) return;
  const putki::TimeZone& zone = history.log.time_zone();
  const putki::Day first = zone.day_of(*history.log.first_time()), last = zone.day_of(*history.log.last_time());
  if (as_of < first)
    out << "  note       the history begins on " << putki::to_string(first) << ": on " << putki::to_string(as_of)
        << " nothing was known\n";
  if (as_of > last + putki::Days{14})
    out << "  note       the history ends on " << putki::to_string(last) << ", " << (as_of - last).count()
        << " days before " << putki::to_string(as_of)
        << ": deals are taken not to have moved since, and no new ones to have come\n";
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
