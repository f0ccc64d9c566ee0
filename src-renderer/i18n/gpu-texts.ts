/** Texts of graphics cards, and of the models that can be downloaded. */
export const gpuEn = {
  'title.cardUnused': '{{card}} is not used',
  'title.cardUnusedHelp': 'The CPU computes, although there is a graphics card. Click for the reason.',
  'doctor.part.card': 'Graphics card',
  'gpu.problem.driver-missing':
    'There is an NVIDIA card, but no driver for it. Install your system’s NVIDIA driver and restart.',
  'gpu.problem.driver-broken':
    'The NVIDIA driver does not work ({{reason}}). Restart; if that does not help, install the driver again.',
  'gpu.problem.driver-old':
    'The NVIDIA driver {{driver}} is too old for CUDA {{cuda}}. Install {{needed}} or newer.',
  'gpu.problem.card-old':
    '{{card}} (compute capability {{capability}}) is too old for CUDA {{cuda}}, which needs {{needed}}. Install a provider for an older CUDA from a file.',
  'gpu.problem.platform':
    '{{card}} cannot be used on {{platform}}: there is a CUDA provider for Linux x64 only.',
  'gpu.problem.provider-missing':
    '{{card}} is not used, because the CUDA provider of ONNX Runtime is not installed.',
  'gpu.problem.provider-other-version':
    'The installed CUDA provider belongs to another version ({{reason}}). Install it again.',
  'gpu.problem.provider-damaged': 'The installed CUDA provider is damaged ({{reason}}). Install it again.',
  'gpu.problem.libraries-missing':
    'The CUDA provider needs libraries that are not on this machine: {{libraries}}. Get them with: {{command}} – or, from NVIDIA’s package source: sudo apt install {{apt}}',
  'gpu.problem.library-unusable':
    '{{path}} is no {{name}} for this machine (damaged, empty or for another processor). Remove it or install it again.',
  'gpu.problem.provider-crashes':
    'The CUDA provider ends every process that loads it ({{reason}}), and with it every job. Remove it, then install a driver and CUDA libraries that fit each other.',
  'gpu.problem.provider-refused': '{{card}} is not used: {{reason}}.',
  'gpu.install': 'Install the CUDA provider',
  'gpu.installFrom': 'From a file…',
  'gpu.installHelp': 'Downloads 0.25 GB, or takes a wheel, NuGet package or archive that you have.',
  'gpu.remove': 'Remove the CUDA provider',
  'gpu.progress': 'Progress of the installation',
  'gpu.checking': 'Checking and unpacking…',
  'files.gpuPackage': 'Choose a package with the CUDA provider',
  'models.files.transformer': 'Network',
  'models.files.vae': 'VAE',
  'models.files.textEncoder': 'Text encoder',
  'models.files.none': 'None',
  'models.files.absent': 'There is no Wan2.1-VACE network with its VAE in this folder.',
  'models.files.noText': 'Without a text encoder and its tokenizer.json beside it, a model removes only.',
  'models.files.lora': 'LoRA',
  'models.files.strength': 'Strength',
  'models.files.loraHelp': 'Merged into the network’s weights.',
  'models.files.moreLora': 'Another LoRA',
  'models.files.steps': 'Usual steps',
  'models.files.stepsHelp':
    'A few-step LoRA asks for 4 to 8 steps and guidance 1. Empty: as the model has them.',
  'models.files.guidance': 'Usual guidance',
  'models.textPrecision': 'Text encoder',
  'models.textPrecisionHelp': 'int8 and int4 take much less memory; words are understood almost alike.',
  'models.textPrecision.auto': 'int8 with half precision, else full',
  'models.available': 'Available',
  'models.get': 'Download {{model}}',
  'models.doGet': 'Download',
  'models.getting': '{{name}} is being downloaded…',
  'models.getFacts': 'about {{size}} · from {{memory}} of graphics memory · licence {{licence}}',
  'models.about.wan2.1-vace-1.3b': 'Removes and changes by a prompt, at 480p.',
  'models.about.wan2.1-vace-14b': 'The large one: finer detail and longer prompts, at 480p and 720p.',
  'models.about.minimax-remover': 'Made for removal: few steps, no prompt, at 480p. No commercial use.',
  'models.licence': 'Licence of {{model}}',
  'models.licenceQuestion':
    'Import it only where that fits what you do. Read the licence on the page of the model.',
  'models.licenceAccept': 'Accept and import',
} as const;

export const gpuDe: Readonly<Record<keyof typeof gpuEn, string>> = {
  'title.cardUnused': '{{card}} wird nicht genutzt',
  'title.cardUnusedHelp': 'Es rechnet die CPU, obwohl eine Grafikkarte da ist. Ein Klick zeigt den Grund.',
  'doctor.part.card': 'Grafikkarte',
  'gpu.problem.driver-missing':
    'Es gibt eine NVIDIA-Karte, aber keinen Treiber dafür. Installieren Sie den NVIDIA-Treiber Ihres Systems und starten Sie neu.',
  'gpu.problem.driver-broken':
    'Der NVIDIA-Treiber arbeitet nicht ({{reason}}). Starten Sie neu; hilft das nicht, installieren Sie den Treiber neu.',
  'gpu.problem.driver-old':
    'Der NVIDIA-Treiber {{driver}} ist zu alt für CUDA {{cuda}}. Installieren Sie {{needed}} oder neuer.',
  'gpu.problem.card-old':
    '{{card}} (Compute Capability {{capability}}) ist zu alt für CUDA {{cuda}}, das {{needed}} braucht. Installieren Sie aus einer Datei einen Provider für ein älteres CUDA.',
  'gpu.problem.platform':
    '{{card}} kann unter {{platform}} nicht genutzt werden: Einen CUDA-Provider gibt es nur für Linux x64.',
  'gpu.problem.provider-missing':
    '{{card}} wird nicht genutzt, weil der CUDA-Provider von ONNX Runtime nicht installiert ist.',
  'gpu.problem.provider-other-version':
    'Der installierte CUDA-Provider gehört zu einer anderen Version ({{reason}}). Installieren Sie ihn neu.',
  'gpu.problem.provider-damaged':
    'Der installierte CUDA-Provider ist beschädigt ({{reason}}). Installieren Sie ihn neu.',
  'gpu.problem.libraries-missing':
    'Der CUDA-Provider braucht Bibliotheken, die auf diesem Rechner fehlen: {{libraries}}. Sie kommen mit: {{command}} – oder aus NVIDIAs Paketquelle: sudo apt install {{apt}}',
  'gpu.problem.library-unusable':
    '{{path}} ist kein {{name}} für diesen Rechner (beschädigt, leer oder für einen anderen Prozessor). Entfernen Sie die Datei oder installieren Sie sie neu.',
  'gpu.problem.provider-crashes':
    'Der CUDA-Provider beendet jeden Prozess, der ihn lädt ({{reason}}), und damit jeden Auftrag. Entfernen Sie ihn und installieren Sie Treiber und CUDA-Bibliotheken, die zueinander passen.',
  'gpu.problem.provider-refused': '{{card}} wird nicht genutzt: {{reason}}.',
  'gpu.install': 'CUDA-Provider installieren',
  'gpu.installFrom': 'Aus einer Datei…',
  'gpu.installHelp': 'Lädt 0,25 GB herunter oder nimmt ein Wheel, NuGet-Paket oder Archiv, das Sie haben.',
  'gpu.remove': 'CUDA-Provider entfernen',
  'gpu.progress': 'Fortschritt der Installation',
  'gpu.checking': 'Wird geprüft und entpackt…',
  'files.gpuPackage': 'Paket mit dem CUDA-Provider wählen',
  'models.files.transformer': 'Netz',
  'models.files.vae': 'VAE',
  'models.files.textEncoder': 'Text-Encoder',
  'models.files.none': 'Ohne',
  'models.files.absent': 'In diesem Ordner gibt es kein Wan2.1-VACE-Netz mit seinem VAE.',
  'models.files.noText':
    'Ohne Text-Encoder und die Datei tokenizer.json daneben kann ein Modell nur entfernen.',
  'models.files.lora': 'LoRA',
  'models.files.strength': 'Stärke',
  'models.files.loraHelp': 'Wird in die Gewichte des Netzes eingerechnet.',
  'models.files.moreLora': 'Weitere LoRA',
  'models.files.steps': 'Übliche Schritte',
  'models.files.stepsHelp':
    'Eine LoRA für wenige Schritte verlangt 4 bis 8 und Guidance 1. Leer: wie im Modell.',
  'models.files.guidance': 'Übliche Guidance',
  'models.textPrecision': 'Text-Encoder',
  'models.textPrecisionHelp':
    'int8 und int4 brauchen viel weniger Speicher; Wörter werden fast gleich verstanden.',
  'models.textPrecision.auto': 'int8 bei halber Genauigkeit, sonst volle',
  'models.available': 'Verfügbar',
  'models.get': '{{model}} herunterladen',
  'models.doGet': 'Herunterladen',
  'models.getting': '{{name}} wird heruntergeladen…',
  'models.getFacts': 'etwa {{size}} · ab {{memory}} Grafikspeicher · Lizenz {{licence}}',
  'models.about.wan2.1-vace-1.3b': 'Entfernt und verändert nach einem Prompt, in 480p.',
  'models.about.wan2.1-vace-14b': 'Das große: feinere Details und längere Prompts, in 480p und 720p.',
  'models.about.minimax-remover':
    'Zum Entfernen gemacht: wenige Schritte, kein Prompt, in 480p. Nicht kommerziell.',
  'models.licence': 'Lizenz von {{model}}',
  'models.licenceQuestion':
    'Importieren Sie es nur, wenn das zu Ihrer Arbeit passt. Lesen Sie die Lizenz auf der Seite des Modells.',
  'models.licenceAccept': 'Annehmen und importieren',
};
