// What one looks through: which part of the picture is where on the stage. Stage coordinates are CSS pixels.

const MOST = 16; // CSS pixels for one picture pixel

export class Glass {
  /** Size of the picture, display pixels. */
  picture = { width: 1, height: 1 };
  /** Size of the stage, CSS pixels. */
  stage = { width: 1, height: 1 };
  /** CSS pixels for one picture pixel. */
  scale = 1;
  /** The place in the picture that is in the middle of the stage. */
  x = 0;
  y = 0;
  isFitted = true;

  get least() {
    const { picture, stage } = this;
    return Math.min(stage.width / picture.width, stage.height / picture.height, MOST);
  }

  setStage(width, height) {
    this.stage = { width: Math.max(1, width), height: Math.max(1, height) };
    if (this.isFitted) this.fit();
    else this.zoom(1);
  }

  setPicture(width, height) {
    if (this.picture.width === width && this.picture.height === height) return;
    this.picture = { width, height };
    this.fit();
  }

  fit() {
    this.scale = this.least;
    this.x = this.picture.width / 2;
    this.y = this.picture.height / 2;
    this.isFitted = true;
  }

  /** Scales by a factor; the place under (sx, sy) on the stage stays there. */
  zoom(factor, sx = this.stage.width / 2, sy = this.stage.height / 2) {
    const under = this.toPicture(sx, sy);
    this.scale = Math.min(Math.max(MOST, this.least), Math.max(this.least, this.scale * factor));
    this.x = under.x - (sx - this.stage.width / 2) / this.scale;
    this.y = under.y - (sy - this.stage.height / 2) / this.scale;
    this.isFitted = this.scale <= this.least * 1.001;
    this.keep();
  }

  pan(dx, dy) {
    this.x -= dx / this.scale;
    this.y -= dy / this.scale;
    this.keep();
  }

  /** Shows a region large enough to judge it, and what is around it; never farther away than the whole picture. */
  show(region) {
    const side = Math.max(region.width, region.height);
    const wanted = (0.3 * Math.min(this.stage.width, this.stage.height)) / side;
    this.scale = Math.max(this.least, Math.min(wanted, 6));
    this.isFitted = this.scale <= this.least * 1.001;
    this.x = region.x + region.width / 2;
    this.y = region.y + region.height / 2;
    this.keep();
  }

  /** Whether a region's middle can be seen. */
  sees(region) {
    const { x, y } = this.toStage(region.x + region.width / 2, region.y + region.height / 2);
    return x >= 0 && y >= 0 && x <= this.stage.width && y <= this.stage.height;
  }

  // The picture fills the stage where it is large enough to, and is in the middle where it is not.
  keep() {
    for (const [axis, side] of [["x", "width"], ["y", "height"]]) {
      const half = this.stage[side] / 2 / this.scale;
      const size = this.picture[side];
      this[axis] = size <= 2 * half ? size / 2 : Math.min(size - half, Math.max(half, this[axis]));
    }
  }

  toStage(x, y) {
    return { x: (x - this.x) * this.scale + this.stage.width / 2, y: (y - this.y) * this.scale + this.stage.height / 2 };
  }

  toPicture(sx, sy) {
    return { x: (sx - this.stage.width / 2) / this.scale + this.x, y: (sy - this.stage.height / 2) / this.scale + this.y };
  }

  /** The part of the picture that can be seen, in whole pixels. */
  get window() {
    const from = this.toPicture(0, 0);
    const to = this.toPicture(this.stage.width, this.stage.height);
    const left = Math.max(0, Math.floor(from.x));
    const top = Math.max(0, Math.floor(from.y));
    return {
      left, top,
      width: Math.max(1, Math.min(this.picture.width, Math.ceil(to.x)) - left),
      height: Math.max(1, Math.min(this.picture.height, Math.ceil(to.y)) - top),
    };
  }
}
