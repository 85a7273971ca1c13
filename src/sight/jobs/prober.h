#pragma once
// A first look at a clip, in a confined process of its own: how large is its picture?
//
// A worker gets ready for that size while it may still open files. It does not look itself: who has looked at
// a client's bytes opens no files any more (docs/adr/0012-worker.md).

#include <chrono>
#include <functional>
#include <optional>

#include "base/descriptor.h"
#include "base/result.h"
#include "sight/jobs/confinement.h"
#include "sight/media/raster.h"

namespace sightline::jobs {

/// All that a prober may tell. Within the bounds of what clips may be, whatever the clip has made of it.
struct ClipShape {
  media::Size displayed;
  float pixel_aspect = 1;  ///< width of a displayed pixel over its height
};

/// What the child does once it is confined: it looks at `clip`, and writes to `told`.
using ProbeFunction = std::function<void(int clip, int told)>;
/// Opens the clip and tells its shape; says nothing where it cannot.
void probe_shape(int clip, int told);

/// Of one thread, and made while the process has no other: it forks.
class Prober {
 public:
  /// `clip` is a regular file, and the one descriptor that the child keeps. Errors: unavailable.
  [[nodiscard]] static Result<Prober> start(int clip, const Confinement& limits,
                                            const ProbeFunction& probe = probe_shape);
  Prober(Prober&& other) noexcept;
  Prober& operator=(Prober&&) = delete;
  /// Ends the child.
  ~Prober() { end(); }

  /// Waits so long at most, and ends the child. nullopt: it cannot tell, has died, hangs, or talks nonsense.
  [[nodiscard]] std::optional<ClipShape> answer(std::chrono::milliseconds patience);

 private:
  Prober(int pid, Descriptor reading) : pid_(pid), reading_(std::move(reading)) {}
  void end();

  int pid_;
  Descriptor reading_;
};

}  // namespace sightline::jobs
