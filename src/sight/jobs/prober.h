#pragma once
// A first look at a clip, in a confined process of its own: can it be decoded, and how large is its picture?
//
// A worker gets ready for that size while it may still open files; for a clip that is refused it gets nothing
// ready. It does not look itself: who has looked at a client's bytes opens no files any more
// (docs/adr/0012-worker.md).

#include <chrono>
#include <functional>
#include <optional>

#include "base/descriptor.h"
#include "base/process/child_process.h"
#include "base/result.h"
#include "sandbox/confinement.h"
#include "sight/media/raster.h"

namespace sightline::jobs {

/// Within the bounds of what clips may be, whatever the clip has made of the prober.
struct ClipShape {
  media::Size displayed;
  float pixel_aspect = 1;  ///< width of a displayed pixel over its height
};

/// What a prober has found: at most one of the two.
struct Probed {
  std::optional<ClipShape> shape;
  /// Why no worker can process the clip either: corrupt, unsupported or too_large, with a printable message.
  std::optional<Error> refusal;
};

/// What a clip's first picture may take, of all the processor time that there is: more than any that is not
/// made to waste it.
inline constexpr std::chrono::seconds kProbingTime{3};

/// What the child does once it is confined: it looks at `clip`, and writes to `report`.
using ProbeFunction = std::function<void(int clip, int report)>;
/// Opens the clip, decodes its first picture, and says its shape or why that cannot be done.
void probe_shape(int clip, int report);

/// Of one thread, and made while the process has no other: it forks. Its destructor ends the child.
class Prober {
 public:
  /// `clip` is a regular file, and the one descriptor that the child keeps. Its processor time is
  /// kProbingTime where `limits` says nothing of it. Errors: unavailable.
  [[nodiscard]] static Result<Prober> start(int clip, const sandbox::Confinement& limits,
                                            const ProbeFunction& probe = probe_shape);

  /// Whether answer() would return at once; waits so long at most until it does.
  [[nodiscard]] bool is_ready(std::chrono::milliseconds patience) const;
  /// Waits so long at most, and ends the child. A clip that a decoder dies of, or that takes all of the
  /// processor time, is refused. Nothing is found where the child was late, was killed, or talks nonsense.
  [[nodiscard]] Probed answer(std::chrono::milliseconds patience);

 private:
  Prober(process::ChildProcess child, Descriptor reading)
      : child_(std::move(child)), reading_(std::move(reading)) {}

  process::ChildProcess child_;
  Descriptor reading_;
};

}  // namespace sightline::jobs
