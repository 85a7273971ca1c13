#pragma once
// Which files a command line means, and where each one's output goes.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/media/file_kind.h"

namespace sightline::anonymize {

struct BatchJob {
  std::filesystem::path input;
  std::filesystem::path output;
  media::FileKind kind = media::FileKind::other;  ///< by content, else by name
};

/// Something that was named, or lies in a folder, and cannot be a job, and why, in words.
struct LeftOut {
  std::filesystem::path path;
  std::string why;
  media::FileKind kind = media::FileKind::other;
};

struct Batch {
  std::vector<BatchJob> jobs;  ///< in the order of the arguments, folders sorted by name; each input once
  /// A folder that cannot be read, a link to another (they may hold what is not done), and all inputs that
  /// would have one output.
  std::vector<LeftOut> left_out;
  bool several = false;  ///< a folder, a pattern or more than one argument was named
  /// Outputs lie in folders under names that come of their inputs', so that another input's may be there.
  bool into_folders = false;
};

/// `inputs`: files, folders and patterns (glob(7), for shells that did not expand them). A name that does not
/// exist becomes a job, so that its failure is reported with the others'.
///
/// Of a folder, every file is a job that is a picture or a clip by its first bytes, or by its name where
/// those say nothing; also one of a kind that is not handled, so that it is named and counted when it fails.
/// Left out are hidden files, outputs (NAME.blurred.EXT) and sound.
///
/// `output`: empty, a file (one input file only) or a folder (it exists, ends in '/', or there are several
/// inputs). One file goes to NAME.blurred.EXT beside it; a folder's tree is kept under `output`, or under
/// FOLDER.blurred. EXT is media::output_ending(). Nothing is looked up where outputs would lie. Errors:
/// invalid_argument when a pattern matches nothing, or nothing is found.
[[nodiscard]] Result<Batch> plan_batch(const std::vector<std::string>& inputs, const std::string& output);

/// Refuses an output that is the input itself, or that exists when `replace` is false.
[[nodiscard]] Result<void> check_output(const std::filesystem::path& input,
                                        const std::filesystem::path& output, bool replace);

}  // namespace sightline::anonymize
