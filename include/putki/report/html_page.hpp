#pragma once
/// \file
/// Figures as one HTML file that opens anywhere: to mail, to print, to keep.
///
/// Every figure has its finding as a heading, its picture, a line on how it is computed, and its table, which can be
/// opened and copied into a spreadsheet. Exact numbers stand in the table's cells as `data-value` (the shortest decimal
/// that reads back as the same double; days since 1970 for days), beside the rounded ones that people read.
///
/// Safe to open. Strings of the data stay text wherever they stand: escaped, bytes that are no UTF-8 replaced, control
/// characters left out, right-to-left names kept from turning what surrounds them. The page's Content-Security-Policy
/// allows the page's own scripts and style by their hashes and nothing else: no eval, no requests, no forms.
///
/// Without JavaScript, and in VegaRuntime::none, there are tables and no pictures. Printed pages are light, no figure
/// is split, and a table is printed when it was opened.
///
/// Thread rule: none; a call reads its arguments and writes to its stream. Cost: linear in specifications and tables;
/// about 5 ms for the runtime (450 kB) and 15 ms for each MB beside it. No sections: a page that says that there is
/// nothing to show.

#include <putki/report/figure.hpp>

#include <iosfwd>
#include <string>
#include <vector>

namespace putki {

/// Where the page's pictures get Vega from, which draws them.
enum class VegaRuntime {
  embedded,  ///< it is part of the page: no network access
  linked,    ///< the browser loads it from cdn.jsdelivr.net, and checks it against the hash that the page holds
  none       ///< no pictures, tables only
};

/// Whether this library was built with Vega (CMake option PUTKI_VEGA), so that pages can hold it.
bool has_vega_runtime();

/// Embedded when this library holds Vega, otherwise linked.
VegaRuntime default_vega_runtime();

/// The script elements by which a linked page loads Vega and its expression interpreter, with their hashes, a line
/// each: for pages of your own. `vega.View(vega.parse(specification, null, {ast: true}), {expr:
/// vega.expressionInterpreter, ..})` then draws without eval.
std::string linked_vega_scripts();

struct HtmlOptions {
  /// Of the page. Empty: `Pipeline report`, in the language of the figures.
  std::string title = {};
  /// A line below the title, such as what the data are and as of when. Empty: none.
  std::string subtitle = {};
  /// Language, numbers and colours. As the figures were made: texts and tables of the page follow it; of the pictures,
  /// colours, fonts and numbers (the `config` of every specification is replaced).
  FigureOptions figures = {};
  /// Light or dark as the reader's device is, also when it changes. False: `figures.theme`.
  bool follow_device_theme = true;
  VegaRuntime runtime = default_vega_runtime();
};

/// Writes the page. The state of the stream afterwards says whether it went well; nothing is written when it throws.
/// InvalidArgument: runtime embedded without has_vega_runtime(), an unknown locale, a figure whose name is not of a-z,
/// 0-9 and hyphens, whose specification is not a JSON object, or with a row that is not as long as its columns.
void write_html(std::ostream& out, const std::vector<PageSection>& sections, const HtmlOptions& options = {});

}  // namespace putki
