@rem The hetcut command of this package: the program itself, without a window.
@"%~dp0..\hetcut.exe" --log-level=3 --disable-gpu --cli -- %*
