#pragma once
// What the outputs in a folder were made from, so that a run over many inputs skips those it has done, and no
// other.
//
// A hidden file in the outputs' folder, `.sightline-done` (mode 0600), a line for each time that an output
// was made:
//   NAME BYTES TIME INPUT BYTES TIME STATUS_TIME INODE SHA256 DAMAGE SETTINGS
// Names and DAMAGE ("-": none) are percent-encoded, the input's name is relative to the folder; TIME is that
// of the last change of the content, STATUS_TIME of the inode, in nanoseconds since 1970; SETTINGS is a
// digest. Of the lines of one output that counts whose size and time the output has: the last line may be of
// a run that was killed, or that another run was faster than.

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace sightline::anonymize {

inline constexpr const char* kDoneRecord = ".sightline-done";

/// A larger record is not read.
inline constexpr std::uint64_t kMostRecord = std::uint64_t{64} << 20;  ///< bytes
/// Nor one with a longer line, which no run writes.
inline constexpr std::size_t kLongestRecordLine = std::size_t{32} << 10;  ///< bytes
/// From this size on a record is rewritten without the lines that no longer matter.
inline constexpr std::uint64_t kTidyRecord = std::uint64_t{1} << 20;  ///< bytes

/// Distinguishes one state of a file from another without reading it.
struct FileStamp {
  std::uint64_t bytes = 0;
  std::int64_t changed_ns = 0;  ///< time of the content's last change, since 1970; anybody can set it
  std::int64_t status_ns = 0;   ///< time of the inode's last change, renaming included; nobody can set it
  std::uint64_t inode = 0;
  /// Errors: those of system_error().
  static Result<FileStamp> of(const std::filesystem::path& file);
  /// Equal as far as renaming and copying with its time leave it equal.
  [[nodiscard]] bool same_size_and_time(const FileStamp& other) const {
    return bytes == other.bytes && changed_ns == other.changed_ns;
  }
  friend bool operator==(const FileStamp&, const FileStamp&) = default;
};

/// An input as it was read.
struct OutputSource {
  std::filesystem::path input;
  FileStamp stamp;     ///< taken before it was read
  std::string sha256;  ///< of what was read, in hex
  std::string damage;  ///< empty, or what could not be read of it; the record keeps its first 1000 bytes
};

/// Reads a folder's record once, and again where an output is unknown and the record has changed. One that is
/// no regular file, too large or unreadable is not read: nothing counts as recorded there, and warnings()
/// says so. Not thread-safe; several processes may add to one folder.
class DoneRecord {
 public:
  /// `settings`: a digest of all that decides what an output looks like, one word.
  explicit DoneRecord(std::string settings) : settings_(std::move(settings)) {}

  /// Whether `output`, which exists, was made from `input` as it is, with these settings, and not changed
  /// since: then what it was made from. An input whose name, times or inode are others is the same where
  /// its content is, which is read then. Errors: already_exists otherwise, naming both and the remedy; those
  /// of reading `input`.
  [[nodiscard]] Result<OutputSource> find(const std::filesystem::path& input,
                                          const std::filesystem::path& output);

  /// To be called when `made` is finished and about to be renamed to `output`: what a killed run left under
  /// that name is then known for what it is. Errors: those of writing.
  [[nodiscard]] Result<void> add(const std::filesystem::path& made, const std::filesystem::path& output,
                                 const OutputSource& source);

  /// Warnings about records since the last call, as text.
  [[nodiscard]] std::vector<std::string> take_warnings() { return std::exchange(warnings_, {}); }

 private:
  struct Line {
    FileStamp output;     ///< without inode and status_ns
    OutputSource source;  ///< its input as the record has it, relative to the folder
    std::string settings;
  };
  using Lines = std::map<std::string, std::vector<Line>>;  ///< by the output's name, the oldest first
  struct Folder {
    FileStamp read;  ///< the record when it was read; all 0: none was there
    Lines lines;
  };
  static std::optional<std::pair<std::string, Line>> parse(const std::string& text);
  static std::string text_of(const std::string& name, const Line& line);
  static Result<Lines> read_lines(int record, const std::filesystem::path& path);
  Folder& read_folder(const std::filesystem::path& folder);
  /// The lines of `output` that describe a file with the stamp `there`, the newest first; and in `last` the
  /// last of all.
  std::vector<Line> lines_of(const std::filesystem::path& output, const FileStamp& there,
                             std::optional<Line>& last);
  void tidy(int record, const std::filesystem::path& path);

  std::string settings_;
  std::map<std::filesystem::path, Folder> folders_;
  std::map<std::filesystem::path, std::uint64_t> tidied_;  ///< records' sizes after they were rewritten
  std::vector<std::string> warnings_;
  std::vector<std::string> warned_;  ///< all so far
};

}  // namespace sightline::anonymize
