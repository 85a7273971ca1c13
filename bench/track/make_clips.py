#!/usr/bin/env python3
"""Makes clips with exactly known faces: a virtual camera over annotated pictures.

Pan, zoom, hand shake, motion blur and passing occluders over pictures of WIDER FACE's validation set (as
DATA/wider-dev holds them, squeezed to 416x416 and stretched back here). For every clip: NAME.mp4 (1280x720,
25 frames/s, H.264) and NAME.faces.json in the form of the given clips' truth: per frame a list of
{"track", "box": [x, y, w, h], "vis": "clear"|"hard", "hidden": share of the box that cannot be seen}.
"""
import argparse
import json
import math
import pathlib
import subprocess

import cv2
import numpy as np

WIDTH, HEIGHT, RATE = 1280, 720, 25
SUBFRAMES = 5  # exposures averaged for motion blur
SHUTTER = 0.5  # share of a frame's time that the shutter is open


def load_pictures(data):
    truth = json.loads((data / "wider-dev/gt_416.json").read_text())
    pictures = []
    for name in sorted(truth):
        width, height = truth[name]["orig"]
        faces = []
        for face in truth[name]["faces"]:
            x, y, w, h = face["box"]
            box = [x * width / 416, y * height / 416, w * width / 416, h * height / 416]
            hard = face["invalid"] or face["occlusion"] == 2 or face["blur"] == 2
            faces.append((box, bool(hard)))
        clear = [box for box, hard in faces if not hard and box[3] >= 16]
        if len(clear) >= 3 and len(faces) <= 100 and width >= 900:
            pictures.append((name, (width, height), faces, clear))
    return pictures


class Camera:
    """Where the view's centre and width lie at a time in frames; smooth pan and zoom plus hand shake."""

    def __init__(self, rng, size, clear, frames):
        width, height = size
        most = min(width, height * WIDTH / HEIGHT)
        target = clear[rng.integers(len(clear))]
        other = clear[rng.integers(len(clear))]
        self.widths = [float(np.clip(rng.uniform(0.6, 1.0) * most, 480, most)) for _ in range(3)]
        points = []
        for share, box in ((0, target), (1, other), (2, target)):
            reach = self.widths[share] * 0.45
            points.append([box[0] + box[2] / 2 + rng.uniform(-reach, reach),
                           box[1] + box[3] / 2 + rng.uniform(-reach, reach) * HEIGHT / WIDTH])
        self.points = np.array(points)
        self.frames, self.size = frames, size
        self.shake = [(rng.uniform(0.002, 0.012), rng.uniform(0.15, 1.1), rng.uniform(0, 7)) for _ in range(4)]
        self.jolts = [(rng.uniform(0, frames), rng.uniform(0.02, 0.06), rng.uniform(0, 7)) for _ in range(3)]

    def at(self, time):
        share = np.clip(time / max(1, self.frames - 1), 0, 1)
        a, b, c = (1 - share) ** 2, 2 * share * (1 - share), share**2
        centre = a * self.points[0] + b * self.points[1] + c * self.points[2]
        width = a * self.widths[0] + b * self.widths[1] + c * self.widths[2]
        dx = sum(s * math.sin(f * time + p) for s, f, p in self.shake[:2])
        dy = sum(s * math.sin(f * time + p) for s, f, p in self.shake[2:])
        for start, strength, angle in self.jolts:
            away = abs(time - start)
            if away < 3:
                dx += strength * math.cos(angle) * (1 - away / 3)
                dy += strength * math.sin(angle) * (1 - away / 3)
        height = width * HEIGHT / WIDTH
        x = np.clip(centre[0] + dx * width, width / 2, self.size[0] - width / 2)
        y = np.clip(centre[1] + dy * width, height / 2, max(height / 2, self.size[1] - height / 2))
        return x, y, width

    def matrix(self, time):
        x, y, width = self.at(time)
        scale = WIDTH / width
        return np.array([[scale, 0, WIDTH / 2 - scale * x], [0, scale, HEIGHT / 2 - scale * y]])


class Occluder:
    """A textured upright thing that passes through the view, such as a person in front of the camera."""

    def __init__(self, rng, frames):
        self.start = rng.uniform(0, frames * 0.8)
        self.speed = rng.uniform(8, 30) * rng.choice([-1, 1])
        self.width = int(rng.uniform(60, 220))
        self.top = int(rng.uniform(0, 250))
        noise = rng.uniform(0, 255, (8, 8, 3)).astype(np.float32)
        colour = rng.uniform(30, 200, 3).astype(np.float32)
        texture = cv2.resize(noise, (self.width, HEIGHT), interpolation=cv2.INTER_CUBIC)
        self.image = np.clip(0.25 * texture + 0.75 * colour, 0, 255)

    def left(self, time):
        passed = (time - self.start) * abs(self.speed)
        return -self.width + passed if self.speed > 0 else WIDTH - passed

    def draw(self, frame, mask, time):
        left = int(round(self.left(time)))
        x0, x1 = max(0, left), min(WIDTH, left + self.width)
        if x0 >= x1 or time < self.start:
            return
        frame[self.top:, x0:x1] = self.image[self.top:, x0 - left:x1 - left]
        mask[self.top:, x0:x1] = 1


def truth_of(faces, matrix, mask, first_track):
    found = []
    for number, (box, hard) in enumerate(faces):
        x, y = matrix[0, 0] * box[0] + matrix[0, 2], matrix[1, 1] * box[1] + matrix[1, 2]
        w, h = matrix[0, 0] * box[2], matrix[1, 1] * box[3]
        x0, y0, x1, y1 = max(0, x), max(0, y), min(WIDTH, x + w), min(HEIGHT, y + h)
        if x1 - x0 < 1 or y1 - y0 < 1:
            continue
        inside = mask[int(y0):int(math.ceil(y1)), int(x0):int(math.ceil(x1))]
        seen = (x1 - x0) * (y1 - y0) / (w * h) * (1 - float(inside.mean()))
        found.append({"track": first_track + number, "box": [round(float(v), 1) for v in (x, y, w, h)],
                      "vis": "hard" if hard or seen < 0.6 else "clear", "hidden": round(1 - seen, 3)})
    return found


def make(data, pictures, out, seed, frames):
    rng = np.random.default_rng(seed)
    name = f"synthetic-{seed}"
    cut = frames // 2 if seed % 3 == 0 else frames
    scenes = []
    for length in ([cut, frames - cut] if cut < frames else [frames]):
        picture = pictures[rng.integers(len(pictures))]
        image = cv2.imread(str(data / "wider-dev/images" / picture[0]))
        image = cv2.resize(image, picture[1], interpolation=cv2.INTER_CUBIC)
        scenes.append((picture, image, Camera(rng, picture[1], picture[3], length),
                       [Occluder(rng, length) for _ in range(2)], length))
    encoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{WIDTH}x{HEIGHT}", "-r",
         str(RATE), "-i", "-", "-c:v", "libx264", "-crf", "20", "-threads", "1", "-pix_fmt", "yuv420p",
         str(out / f"{name}.mp4")], stdin=subprocess.PIPE)
    truth, first_track = [], 1
    for picture, image, camera, occluders, length in scenes:
        for index in range(length):
            total = np.zeros((HEIGHT, WIDTH, 3), np.float32)
            mask = np.zeros((HEIGHT, WIDTH), np.uint8)
            for sub in range(SUBFRAMES):
                time = index + SHUTTER * (sub / (SUBFRAMES - 1) - 0.5)
                view = cv2.warpAffine(image, camera.matrix(time), (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR,
                                      borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
                for occluder in occluders:
                    occluder.draw(view, mask if sub == SUBFRAMES // 2 else np.zeros_like(mask), time)
                total += view
            frame = total / SUBFRAMES + rng.normal(0, 2.0, (HEIGHT, WIDTH, 1)).astype(np.float32)
            encoder.stdin.write(np.clip(frame, 0, 255).astype(np.uint8).tobytes())
            truth.append(truth_of(picture[2], camera.matrix(index), mask, first_track))
        first_track += len(picture[2])
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise SystemExit(f"ffmpeg could not encode {name}")
    (out / f"{name}.faces.json").write_text(json.dumps(
        {"source": f"{name}.mp4", "width": WIDTH, "height": HEIGHT, "frame_count": frames,
         "pictures": [scene[0][0] for scene in scenes], "frames": truth}))
    counted = sum(1 for frame in truth for face in frame if face["vis"] == "clear" and face["box"][3] >= 20)
    print(f"{name}: {frames} frames of {', '.join(s[0][0] for s in scenes)}, {counted} clear faces of 20 px or more",
          flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--data", type=pathlib.Path, default=pathlib.Path("../shared/data"))
    parser.add_argument("--seeds", default="11,12,13,14,15,16")
    parser.add_argument("--frames", type=int, default=100)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    pictures = load_pictures(arguments.data)
    for seed in arguments.seeds.split(","):
        make(arguments.data, pictures, arguments.out, int(seed), arguments.frames)


if __name__ == "__main__":
    main()
