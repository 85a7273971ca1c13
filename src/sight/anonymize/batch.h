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

/// Something in a folder that cannot be looked at, and why, in words.
struct LeftOut {
  std::filesystem::path path;
  std::string why;
};

struct Batch {
  std::vector<BatchJob> jobs;  ///< in the order of the arguments, folders sorted by name
  std::vector<BatchJob> done;  ///< skipped: the output is there and not older than the input
  std::vector<LeftOut>
      left_out;          ///< a folder that cannot be read, a link to another: may hold what is not done
  bool several = false;  ///< a folder, a pattern or more than one argument was named
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
/// FOLDER.blurred. EXT is media::output_ending(). With several inputs finished outputs are skipped unless
/// `redo`. Errors: invalid_argument when two inputs would have one output, or a pattern matches nothing.
enum class Finished { skip, redo };
[[nodiscard]] Result<Batch> plan_batch(const std::vector<std::string>& inputs, const std::string& output,
                                       Finished finished);

/// Refuses an output that is the input itself, or that exists when `replace` is false.
[[nodiscard]] Result<void> check_output(const std::filesystem::path& input,
                                        const std::filesystem::path& output, bool replace);

}  // namespace sightline::anonymize
