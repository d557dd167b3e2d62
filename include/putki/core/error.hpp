#pragma once
/// \file
/// Errors: one hierarchy, stable numeric codes.
///
/// Every exception putki throws on purpose derives from `putki::Error`. A message is one line and says what was given,
/// what is allowed, and where (file, row, column) when there is a where. The numeric value of a code never changes
/// between releases, so a program may log or switch on it.

#include <stdexcept>
#include <string>

namespace putki {

enum class ErrorCode : int {
  invalid_argument = 100,    ///< a caller's argument is outside what the header allows
  incompatible = 101,        ///< two values that must share a configuration do not (merge, graph mismatch)
  invalid_definition = 200,  ///< a pipeline definition is not well-formed or contradicts itself
  invalid_graph = 201,       ///< stages or moves that cannot form a stage graph
  io = 300,                  ///< a file cannot be opened, read or written
  format = 301,              ///< the bytes are not what the reader reads (UTF-16, binary, no such column)
  ambiguous = 302,           ///< more than one reading is possible; the message says how to state which
  dirty_data = 303,          ///< strict reading met a row that would otherwise be reported
  not_enough_data = 400,     ///< an estimate was asked of data that cannot give it
  cancelled = 500,           ///< the caller's progress callback asked to stop
};

/// The base: catch this to catch all.
class Error : public std::runtime_error {
 public:
  Error(ErrorCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  ErrorCode code() const noexcept { return code_; }

 private:
  ErrorCode code_;
};

/// A mistake in the calling program.
class InvalidArgument : public Error {
 public:
  explicit InvalidArgument(const std::string& message, ErrorCode code = ErrorCode::invalid_argument)
      : Error(code, message) {}
};

/// A mistake in a pipeline definition, a stage graph or a time zone.
class DefinitionError : public Error {
 public:
  explicit DefinitionError(const std::string& message, ErrorCode code = ErrorCode::invalid_definition)
      : Error(code, message) {}
};

/// Bytes or rows that a reader cannot take.
class InputError : public Error {
 public:
  explicit InputError(const std::string& message, ErrorCode code = ErrorCode::format) : Error(code, message) {}
};

/// An estimate that the data at hand cannot give.
class NotEnoughData : public Error {
 public:
  explicit NotEnoughData(const std::string& message) : Error(ErrorCode::not_enough_data, message) {}
};

/// The caller's own progress callback asked to stop.
class Cancelled : public Error {
 public:
  Cancelled() : Error(ErrorCode::cancelled, "stopped on request") {}
};

}  // namespace putki
