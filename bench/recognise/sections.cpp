#include "recognise/sections.h"

#include <fmt/format.h>
#include <fmt/os.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace sightline::bench {
namespace {

constexpr int kFolds = 10;
constexpr int kResamples = 400;
constexpr std::array<float, 7> kSimilarities = {50, 70, 80, 85, 90, 95, 99};

double share(std::size_t part, std::size_t all) {
  return all == 0 ? 0 : static_cast<double>(part) / static_cast<double>(all);
}

struct Scored {
  float cosine = 0;
  bool same = false;
};

double accuracy(const std::vector<Scored>& pairs, float threshold) {
  const auto right = std::ranges::count_if(
      pairs, [&](const Scored& pair) { return (pair.cosine >= threshold) == pair.same; });
  return share(static_cast<std::size_t>(right), pairs.size());
}

float best_threshold(const std::vector<Scored>& pairs) {
  float best = 0;
  double most = -1;
  for (int step = 0; step <= 1000; ++step) {
    const float threshold = static_cast<float>(step) / 1000;
    const double right = accuracy(pairs, threshold);
    if (right > most) std::tie(most, best) = std::pair{right, threshold};
  }
  return best;
}

/// The chance that a pair of one person scores above a pair of two.
double area_under_curve(std::vector<Scored> pairs) {
  std::ranges::sort(pairs, {}, &Scored::cosine);
  double below = 0;
  double sum = 0;
  double same = 0;
  for (const Scored& pair : pairs) {
    if (pair.same) {
      sum += below;
      ++same;
    } else {
      ++below;
    }
  }
  return sum / (same * below);
}

/// The cosines of all pairs of photos, sorted.
struct AllPairs {
  std::vector<float> same;
  std::vector<float> different;
};

AllPairs all_pairs(const Gallery& gallery) {
  AllPairs result;
  const auto& photos = gallery.photos;
  for (std::size_t i = 0; i < photos.size(); ++i)
    for (std::size_t j = i + 1; j < photos.size(); ++j)
      (photos[i].person == photos[j].person ? result.same : result.different)
          .push_back(faces::cosine(photos[i].vector, photos[j].vector));
  std::ranges::sort(result.same);
  std::ranges::sort(result.different);
  return result;
}

std::size_t at_least(const std::vector<float>& sorted, float threshold) {
  return static_cast<std::size_t>(sorted.end() - std::ranges::lower_bound(sorted, threshold));
}

/// Pairs of photos of different people that match, by person: the people are what is resampled.
struct FalseMatches {
  struct Match {
    std::size_t first;
    std::size_t second;
  };
  std::vector<Match> matches;  ///< by index of the two people, one entry a pair of photos
  std::vector<double> photos;  ///< of each person
  std::vector<int> per_photo;  ///< how many photos of others match each photo
};

FalseMatches false_matches(const Gallery& gallery, float threshold) {
  FalseMatches result;
  std::vector<std::size_t> person_of;
  for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
    if (i == 0 || gallery.photos[i].person != gallery.photos[i - 1].person) result.photos.push_back(0);
    ++result.photos.back();
    person_of.push_back(result.photos.size() - 1);
  }
  result.per_photo.assign(gallery.photos.size(), 0);
  for (std::size_t i = 0; i < gallery.photos.size(); ++i) {
    for (std::size_t j = i + 1; j < gallery.photos.size(); ++j) {
      if (person_of[i] == person_of[j]) continue;
      if (faces::cosine(gallery.photos[i].vector, gallery.photos[j].vector) < threshold) continue;
      result.matches.push_back({person_of[i], person_of[j]});
      ++result.per_photo[i];
      ++result.per_photo[j];
    }
  }
  return result;
}

/// The upper end of the false match rate's 95% interval: people drawn anew with replacement, and never less
/// than three matches would give (nothing seen does not mean never).
double upper_bound(const FalseMatches& found, std::size_t pairs) {
  std::mt19937 random(1);
  std::uniform_int_distribution<std::size_t> draw(0, found.photos.size() - 1);
  std::vector<double> rates;
  for (int round = 0; round < kResamples; ++round) {
    std::vector<double> times(found.photos.size(), 0);
    for (std::size_t i = 0; i < times.size(); ++i) ++times[draw(random)];
    double drawn = 0;
    double within = 0;
    for (std::size_t i = 0; i < times.size(); ++i) {
      const double photos = times[i] * found.photos[i];
      drawn += photos;
      within += photos * photos;
    }
    double matched = 0;
    for (const auto& match : found.matches) matched += times[match.first] * times[match.second];
    rates.push_back(matched / ((drawn * drawn - within) / 2));
  }
  std::ranges::sort(rates);
  return std::max(rates[static_cast<std::size_t>(0.975 * kResamples)], 3.0 / static_cast<double>(pairs));
}

/// The chance that a photo of somebody who is not enrolled matches one of `enrolled` photos of other people,
/// drawn from those at hand.
double identification_rate(const FalseMatches& found, std::size_t photos, std::size_t enrolled) {
  double sum = 0;
  for (const int matches : found.per_photo) {
    double none = 1;
    for (std::size_t k = 0; k < static_cast<std::size_t>(matches) && none > 0; ++k)
      none *= std::max(0.0, 1 - static_cast<double>(enrolled) / static_cast<double>(photos - 1 - k));
    sum += 1 - none;
  }
  return sum / static_cast<double>(photos);
}

}  // namespace

Result<void> save_vectors(const Gallery& gallery, const std::string& path) {
  try {
    auto file = fmt::output_file(path);
    for (const Photo& photo : gallery.photos)
      file.print("{} {} {:.7g}\n", photo.person, photo.number, fmt::join(photo.vector, " "));
  } catch (const std::exception& error) {
    return fail(ErrorKind::io, fmt::format("{}: {}", path, error.what()));
  }
  return {};
}

void print_verification(const Gallery& gallery) {
  std::vector<Scored> pairs;
  for (const Pair& pair : gallery.pairs)
    pairs.push_back(
        {faces::cosine(gallery.photos[pair.first].vector, gallery.photos[pair.second].vector), pair.same});
  std::mt19937 random(1);
  std::ranges::shuffle(pairs, random);
  std::vector<double> folds;
  for (std::size_t fold = 0; fold < kFolds; ++fold) {
    std::vector<Scored> chosen;
    std::vector<Scored> judged;
    for (std::size_t i = 0; i < pairs.size(); ++i) (i % kFolds == fold ? judged : chosen).push_back(pairs[i]);
    folds.push_back(accuracy(judged, best_threshold(chosen)));
  }
  const double mean = std::accumulate(folds.begin(), folds.end(), 0.0) / kFolds;
  double variance = 0;
  for (const double fold : folds) variance += (fold - mean) * (fold - mean) / (kFolds - 1);
  fmt::print("\nverification, {} folds: accuracy {:.4f} +- {:.4f} (standard error), AUC {:.4f}\n", kFolds,
             mean, std::sqrt(variance / kFolds), area_under_curve(pairs));
  const AllPairs all = all_pairs(gallery);
  fmt::print("all pairs of the photos: {} of one person, {} of two\n", all.same.size(), all.different.size());
  for (const double rate : {1e-2, 1e-3, 1e-4, 1e-5}) {
    const auto keep = static_cast<std::size_t>(rate * static_cast<double>(all.different.size()));
    const float threshold = all.different[all.different.size() - keep];
    fmt::print("false matches {:.0e}: cosine {:.4f}, true matches {:.4f}\n", rate, threshold,
               share(at_least(all.same, threshold), all.same.size()));
  }
}

void print_similarity(const Gallery& gallery, const faces::FaceRecogniser& recogniser) {
  const AllPairs all = all_pairs(gallery);
  fmt::print("\n| similarity | cosine | false matches | rate | up to (95%) | false non-matches |\n");
  for (const float similarity : kSimilarities) {
    const float threshold = recogniser.cosine_of(similarity);
    const std::size_t matched = at_least(all.different, threshold);
    fmt::print("| {} | {:.4f} | {} of {} | {:.2e} | {:.2e} | {:.2f}% |\n", similarity, threshold, matched,
               all.different.size(), share(matched, all.different.size()),
               upper_bound(false_matches(gallery, threshold), all.different.size()),
               100 - 100 * share(at_least(all.same, threshold), all.same.size()));
  }
}

void print_identification(const Gallery& gallery, const faces::FaceRecogniser& recogniser) {
  const std::size_t pairs = all_pairs(gallery).different.size();
  const std::size_t photos = gallery.photos.size();
  fmt::print("\n| similarity | 10 | 100 | 1000 | 10k | 100k | 1M |\n");
  for (const float similarity : kSimilarities) {
    const FalseMatches found = false_matches(gallery, recogniser.cosine_of(similarity));
    fmt::print("| {} |", similarity);
    for (const std::size_t enrolled : {10U, 100U, 1000U})
      fmt::print(" {:.2f}% |", 100 * identification_rate(found, photos, enrolled));
    const double rate = share(found.matches.size(), pairs);
    const double upper = upper_bound(found, pairs);
    for (const double enrolled : {1e4, 1e5, 1e6})
      fmt::print(" {:.1f}% (up to {:.1f}%) |", 100 * -std::expm1(enrolled * std::log1p(-rate)),
                 100 * -std::expm1(enrolled * std::log1p(-upper)));
    fmt::print("\n");
  }
}

}  // namespace sightline::bench
