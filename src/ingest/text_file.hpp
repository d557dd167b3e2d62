#pragma once
// Small files, read whole.

#include <cstddef>
#include <filesystem>
#include <string>

namespace putki::detail {

/// The bytes of the file, at most a block more than `largest`: the caller refuses what is too long. InputError
/// (ErrorCode::io), "file: what is wrong", with `what` it should be ("a definition file").
std::string read_text_file(const std::filesystem::path& file, const std::string& what, std::size_t largest);

}  // namespace putki::detail
