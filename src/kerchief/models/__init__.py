"""The door to ONNX Runtime: one file for each network, and the cards that say what they are."""
