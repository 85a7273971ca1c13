#pragma once
// What the outputs in a folder were made from, so that a run over many inputs skips those it has done, and no
// other.
//
// A hidden file in the outputs' folder, `.sightline-done` (mode 0600), a line an output, the last one counts:
//   NAME BYTES TIME INPUT BYTES TIME SHA256 SETTINGS
// Names are percent-encoded, the input's is relative to the folder; TIME is that of the last change, in
// nanoseconds since 1970; SETTINGS is a digest.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "base/result.h"

namespace sightline::anonymize {

inline constexpr const char* kDoneRecord = ".sightline-done";

/// What tells one state of a file from another without reading it.
struct FileStamp {
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;  ///< time of the last change, since 1970
  /// Errors: those of system_error().
  static Result<FileStamp> of(const std::filesystem::path& file);
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// An input as it was read.
struct OutputSource {
  std::filesystem::path input;
  FileStamp stamp;     ///< taken before it was read
  std::string sha256;  ///< of what was read, in hex
};

/// Reads each folder's record once. Not thread-safe; several processes may add to one folder.
class DoneRecord {
 public:
  /// `settings`: a digest of all that decides what an output looks like, one word.
  explicit DoneRecord(std::string settings) : settings_(std::move(settings)) {}

  /// Whether `output`, which exists, was made from `input` as it is, with these settings, and not changed
  /// since: then what it was made from. An input whose name, size or time is another is the same where its
  /// content is, which is read then. Errors: already_exists otherwise, naming both and the remedy; those of
  /// reading `input`.
  [[nodiscard]] Result<OutputSource> find(const std::filesystem::path& input,
                                          const std::filesystem::path& output);

  /// To be called when `made` is finished and about to be renamed to `output`: what a killed run left under
  /// that name is then known for what it is. Errors: those of writing.
  [[nodiscard]] Result<void> add(const std::filesystem::path& made, const std::filesystem::path& output,
                                 const OutputSource& source);

 private:
  struct Line {
    FileStamp output;
    OutputSource source;  ///< its input as the record has it, relative to the folder
    std::string settings;
  };
  using Lines = std::map<std::string, Line>;  ///< by the output's name
  Lines& lines_of(const std::filesystem::path& folder);

  std::string settings_;
  std::map<std::filesystem::path, Lines> folders_;
};

}  // namespace sightline::anonymize
