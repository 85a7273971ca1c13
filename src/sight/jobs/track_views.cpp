#include "sight/jobs/track_views.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace sightline::jobs {
namespace {

constexpr std::size_t kViews = 3;
/// Another view must be better than the worst one by this factor: as many looks as a face takes to grow.
constexpr float kClearlyBetter = 1.25F;
/// Similarity from which on two views of a track count as one person's.
constexpr float kSamePerson = 80;
/// A face in profile still identifies somewhat.
constexpr float kLeastFrontal = 0.1F;

/// 1 where the nose is midway between the eyes, falling to kLeastFrontal where it is below one of them.
float frontal(const analysis::Face& face) {
  const media::Point& left = face.landmarks[0];
  const media::Point& right = face.landmarks[1];
  const media::Point& nose = face.landmarks[2];
  const media::Point across{right.x - left.x, right.y - left.y};
  const float length = across.x * across.x + across.y * across.y;
  if (!(length > 0)) return kLeastFrontal;
  const float place = ((nose.x - left.x) * across.x + (nose.y - left.y) * across.y) / length;
  return std::clamp(1 - 2 * std::fabs(place - 0.5F), kLeastFrontal, 1.0F);
}

}  // namespace

float view_worth(const analysis::Face& face, const faces::Quality& quality) {
  // The pose is not measured here: how far a face is turned away counts, but excludes none.
  if (!faces::weaknesses(face, faces::Pose{}, quality, faces::QualityBar::low).empty()) return 0;
  return frontal(face) * face.confidence * quality.sharpness / 100;
}

bool TrackViews::wants(std::int64_t track, float worth) const {
  if (!(worth > 0)) return false;
  const auto known = tracks_.find(track);
  return known == tracks_.end() || known->second.size() < kViews ||
         worth > kClearlyBetter * known->second.back().worth;
}

bool TrackViews::is_short_of(std::int64_t track) const {
  const auto known = tracks_.find(track);
  return known == tracks_.end() || known->second.size() < kViews;
}

Result<void> TrackViews::add(std::int64_t track, float worth, const faces::FaceVector& vector) {
  if (!tracks_.contains(track) && tracks_.size() >= kMaxTracks) {
    return fail(ErrorKind::too_large,
                fmt::format("the clip shows more than {} faces to be searched for", kMaxTracks));
  }
  std::vector<View>& views = tracks_[track];
  const auto place = std::ranges::upper_bound(views, worth, std::ranges::greater{}, &View::worth);
  views.insert(place, View{worth, vector});
  if (views.size() > kViews) views.pop_back();
  return {};
}

std::vector<TrackVector> TrackViews::vectors(const faces::FaceRecogniser& recogniser) const {
  std::vector<TrackVector> vectors;
  for (const auto& [track, views] : tracks_) {
    const faces::FaceVector& best = views.front().vector;
    faces::FaceVector sum{};
    for (const View& view : views) {
      const bool same = recogniser.similarity(faces::cosine(best, view.vector)) >= kSamePerson;
      if (&view != &views.front() && !same) continue;
      std::ranges::transform(sum, view.vector, sum.begin(), std::plus{});
    }
    const float length = std::sqrt(std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0F));
    for (float& value : sum) value /= length;
    vectors.push_back({track, recogniser.model_id(), sum});
  }
  return vectors;
}

}  // namespace sightline::jobs
