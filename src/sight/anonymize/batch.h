#pragma once
// Which files a command line means, and where each one's output goes.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace sightline::anonymize {

struct BatchJob {
  std::filesystem::path input;
  std::filesystem::path output;
};

struct Batch {
  std::vector<BatchJob> jobs;  ///< in the order of the arguments, folders sorted by name
  std::vector<BatchJob> done;  ///< skipped: the output is there and not older than the input
  bool several = false;        ///< a folder, a pattern or more than one argument was named
};

/// `inputs`: files, folders (walked; of them the files with a picture's or clip's ending, hidden ones and
/// outputs left out) and patterns (glob(7), for shells that did not expand them). A name that does not exist
/// becomes a job, so that its failure is told with the others'.
///
/// `output`: empty, a file (one input file alone) or a folder (it exists, ends in '/', or there are several
/// inputs). One file goes to NAME.blurred.EXT beside it; a folder's tree is kept under `output`, or under
/// FOLDER.blurred. AVI becomes mkv (see media::output_container). With several inputs finished outputs are
/// skipped unless `redo`. Errors: invalid_argument when two inputs would have one output, or a pattern
/// matches nothing.
enum class Finished { skip, redo };
[[nodiscard]] Result<Batch> plan_batch(const std::vector<std::string>& inputs, const std::string& output,
                                       Finished finished);

/// Refuses an output that is the input itself, or that exists when `replace` is false.
[[nodiscard]] Result<void> check_output(const std::filesystem::path& input,
                                        const std::filesystem::path& output, bool replace);

}  // namespace sightline::anonymize
