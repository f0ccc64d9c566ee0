#!/bin/sh
# Export the newest checkpoints to ../starter, choose the sampler settings on held-out pictures, measure.
#   ./publish.sh [CLIP_DIR ...]      each CLIP_DIR holds clip.mp4, mask.mkv, plate.png
# Tables and contact sheets go to $HETCUT_TRAIN_DIR/report.
set -eu
cd "$(dirname "$0")"
work="${HETCUT_TRAIN_DIR:-$HOME/.cache/hetcut-training}"
python="$work/venv/bin/python"
[ -x "$python" ] || python=python3
mkdir -p "$work/report"
export OMP_WAIT_POLICY=passive GOMP_SPINCOUNT=0
"$python" export.py --check
"$python" evaluate.py --search --count "${SEARCH_CLIPS:-4}"
"$python" export.py
"$python" evaluate.py --count "${CLIPS:-12}" --sheet "$work/report/held-out.png" --json "$work/report/held-out.json"
for clip in "$@"; do
  "$python" evaluate.py --clip "$clip" --sheet "$work/report/$(basename "$clip").png" --json "$work/report/$(basename "$clip").json"
done
"$python" card.py
chmod 644 ../starter/*.json ../starter/*/*
