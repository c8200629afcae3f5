"""What tests count in pictures."""

# Of the lines that a picture has, how many pixels have a color.
PIXELS = """(canvas, color) => {
  const [r, g, b] = color.match(/\\d+/g).map(Number);
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  let found = 0;
  for (let i = 0; i < data.length; i += 4) {
    const apart = Math.abs(data[i] - r) + Math.abs(data[i + 1] - g) + Math.abs(data[i + 2] - b);
    found += data[i + 3] > 200 && apart < 12;
  }
  return found;
}"""
