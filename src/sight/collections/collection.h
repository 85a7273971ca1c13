#pragma once
// What a collection and its faces are, to who keeps and searches them.

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "sight/collections/uuid.h"

namespace sightline::collections {

struct Tenant {
  std::string account;
  std::string region;
};

/// What made a vector: only vectors of one model and normalisation can be compared.
struct VectorModel {
  std::string id;
  std::string normalisation;
  bool operator==(const VectorModel&) const = default;
};

using Tags = std::map<std::string, std::string>;

struct Collection {
  std::string id;
  VectorModel model;
  Instant created;
};

/// Fractions of the displayed picture's width and height.
struct FaceBox {
  double left = 0;
  double top = 0;
  double width = 0;
  double height = 0;
};

struct NewFace {
  Uuid image;
  std::optional<std::string> external_image_id;
  FaceBox box;
  double confidence = 0;  ///< 0..100
  std::vector<float> vector;
};

struct Face {
  Uuid id;
  Uuid image;
  std::optional<std::string> external_image_id;
  FaceBox box;
  double confidence = 0;
  VectorModel model;
};

struct Match {
  Face face;
  float distance = 0;  ///< Euclidean, in the recogniser's own units
};

template <typename T>
struct Page {
  std::vector<T> items;
  std::optional<std::string> next;  ///< nullopt: this was the last one
};

struct SearchOptions {
  std::size_t max_results = 1;
  float max_distance = 0;
};

}  // namespace sightline::collections
