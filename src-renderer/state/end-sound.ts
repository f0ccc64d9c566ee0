/** Two tones, in Hz, one after the other. */
const tones = [659, 880];
const toneSec = 0.16;
const loudness = 0.15;

/** A short sound that says that a job has ended. */
export function playEndSound(): void {
  const audio = new AudioContext();
  tones.forEach((frequency, index) => {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const start = audio.currentTime + index * toneSec;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(loudness, start);
    volume.gain.exponentialRampToValueAtTime(0.001, start + toneSec);
    tone.connect(volume).connect(audio.destination);
    tone.start(start);
    tone.stop(start + toneSec);
    if (index === tones.length - 1) tone.addEventListener('ended', () => void audio.close());
  });
}
