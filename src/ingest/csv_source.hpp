#pragma once
// The bytes of a CSV file: read in one go, and known to be text before anybody looks for rows in them.

#include <filesystem>
#include <memory>
#include <string_view>

namespace putki {

struct FileBytes {
  std::unique_ptr<char[]> bytes;
  std::size_t size = 0;
  std::string_view view() const { return {bytes.get(), size}; }
};

// InputError (ErrorCode::io) when the file is missing, a directory or cannot be read. Pipes are read to their end.
FileBytes read_whole_file(const std::filesystem::path& file);

struct CsvText {
  std::string_view body;  // without byte-order mark
  bool ascii;             // no byte above 127
};

// InputError when the text is empty, UTF-16, UTF-32, a workbook, or has NUL bytes.
CsvText examine_text(std::string_view text, std::string_view where);

}  // namespace putki
