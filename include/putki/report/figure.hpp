#pragma once
/// \file
/// A figure: a picture of a result, the same numbers as a table, and how they were computed.
///
/// The picture is a Vega 5 specification (https://vega.github.io/vega/docs/specification/) with its data filled in:
/// hand it to any Vega runtime, or let html_page.hpp put it on a page of its own. Functions that make figures live
/// beside the results they show (`forecast_figures.hpp`, ..); each has its template in src/report/vega/, which opens in
/// the Vega editor with sample data.
///
/// Everything a person reads is in one language and one number format, both options; nothing depends on the process's
/// locale. Strings from the data (stages, owners, deals) are kept as they are here; who writes HTML escapes them.
///
/// Values; making one costs microseconds to milliseconds and no more than its table is long: figures aggregate, a
/// hundred thousand deals do not make a hundred thousand marks.

#include <putki/core/time.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace putki {

enum class Language { english, finnish };

/// Colours of a picture. Both palettes are told apart by people with any of the common colour deficiencies (Okabe &
/// Ito 2008).
enum class Theme { light, dark };

struct FigureOptions {
  Language language = Language::english;
  /// Of numbers: en-US 1,234,567.8; fi-FI 1 234 567,8; also de-DE, en-GB, fr-FR, sv-SE. Empty: as the language has it.
  /// Anything else: InvalidArgument, from every function that takes these options.
  std::string locale = {};
  /// Sign or code of the currency, such as € or EUR, put where the locale puts it. Empty: amounts are bare numbers.
  std::string currency = {};
  Theme theme = Theme::light;
};

/// InvalidArgument: options that no figure can be made with. Every function that takes them asks this; a program can
/// before it computes for long.
void check_figure_options(const FigureOptions& options);

/// One cell of a table. The number is exact; how it is shown (decimals, marks, currency) follows from the kind.
struct FigureCell {
  enum class Kind { text, count, number, money, share, days, day };
  Kind kind = Kind::text;
  std::string text = {};              ///< of kind text
  std::optional<double> number = {};  ///< of the others; nothing: not known, shown as a dash. day: days since 1970

  static FigureCell of_text(std::string text) { return {Kind::text, std::move(text), {}}; }
  static FigureCell count(std::optional<double> n) { return {Kind::count, {}, n}; }
  /// Three significant digits or more.
  static FigureCell of_number(std::optional<double> x) { return {Kind::number, {}, x}; }
  /// Currency units; shown whole.
  static FigureCell money(std::optional<double> x) { return {Kind::money, {}, x}; }
  /// In [0, 1]; shown in percent with one decimal.
  static FigureCell share(std::optional<double> x) { return {Kind::share, {}, x}; }
  /// A length of time in days; shown with one decimal.
  static FigureCell days(std::optional<double> x) { return {Kind::days, {}, x}; }
  static FigureCell day(Day day) { return {Kind::day, {}, static_cast<double>(day.time_since_epoch().count())}; }
};

/// The numbers of a figure. Rows are as long as `columns`; the first column names the row.
struct FigureTable {
  std::vector<std::string> columns;
  std::vector<std::vector<FigureCell>> rows;
};

struct Figure {
  /// a-z, 0-9 and hyphens: what the figure is called in files and addresses. Stable, unique within its section.
  std::string name;
  /// The finding, one sentence: "Half of the deals are lost before an offer", not "Funnel".
  std::string title;
  /// Vega 5, JSON. Empty: there is nothing to draw, the table says it all.
  std::string specification = {};
  FigureTable table = {};
  /// How the numbers are computed, what is censored, what an interval holds: two or three sentences.
  std::string computed = {};
};

/// A part of a page, with a heading.
struct PageSection {
  std::string title;
  std::vector<Figure> figures;
};

}  // namespace putki
