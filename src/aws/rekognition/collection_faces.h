#pragma once
// The faces of a collection: listed, deleted, searched for, added.

#include "aws/dispatch/context.h"
#include "aws/rekognition/image_source.h"
#include "aws/rekognition/model.h"
#include "aws/rekognition/vision.h"
#include "sight/collections/face_collections.h"

namespace sightline::aws::rekognition {

/// What these handlers use.
struct FaceDependencies {
  collections::FaceCollections& collections;
  const ImageSource& images;
  Vision& vision;
  Random& random;
};

[[nodiscard]] wire::Answer<ListFacesResponse> list_faces(const ListFacesRequest& request,
                                                         const dispatch::Context& context,
                                                         const FaceDependencies& dependencies);
[[nodiscard]] wire::Answer<DeleteFacesResponse> delete_faces(const DeleteFacesRequest& request,
                                                             const dispatch::Context& context,
                                                             const FaceDependencies& dependencies);
[[nodiscard]] wire::Answer<SearchFacesResponse> search_faces(const SearchFacesRequest& request,
                                                             const dispatch::Context& context,
                                                             const FaceDependencies& dependencies);
/// The largest face of the picture, among those above the quality bar.
[[nodiscard]] wire::Answer<SearchFacesByImageResponse> search_faces_by_image(
    const SearchFacesByImageRequest& request, const dispatch::Context& context,
    const FaceDependencies& dependencies);
/// index_faces.cpp
[[nodiscard]] wire::Answer<IndexFacesResponse> index_faces(const IndexFacesRequest& request,
                                                           const dispatch::Context& context,
                                                           const FaceDependencies& dependencies);

}  // namespace sightline::aws::rekognition
