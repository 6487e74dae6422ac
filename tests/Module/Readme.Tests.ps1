#requires -Version 7.6
#requires -Modules @{ ModuleName = 'Pester'; ModuleVersion = '5.0' }

# README's examples do what README says: each runs in a fresh PowerShell, and a comment "# prints: text" is a promise.

BeforeDiscovery {
    $root = Resolve-Path "$PSScriptRoot/../.."
    . "$root/tests/Lab/Lab.ps1"
    $obstacle = Get-LabObstacle
    $text = Get-Content -Raw "$root/README.md"
    $number = 0
    $examples = foreach ($match in [regex]::Matches($text, '(?s)```powershell\n(.*?)```')) {
        $code = $match.Groups[1].Value
        $needsRoot = $code -match 'PeerAddress'
        @{
            Number = ++$number
            Code   = $code
            First  = ($code -split "`n" | Where-Object { $_ -notmatch '^Import-Module' })[0]
            Skip   = $needsRoot -and $obstacle
        }
    }
}

Describe 'README' {
    BeforeAll {
        $root = "$(Resolve-Path "$PSScriptRoot/../..")"
        . "$root/tests/Lab/Lab.ps1"
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
    }

    It 'example <Number> (<First>) prints what it promises' -ForEach $examples {
        if ($Skip) { Set-ItResult -Skipped -Because (Get-LabObstacle); return }
        $script = Join-Path $TestDrive "readme$Number.ps1"
        Set-Content $script "`$ErrorActionPreference = 'Stop'; Set-Location '$root'`n$Code"
        # Inside a namespace, where there is one to be had: the addresses of an example are no business of the host's.
        if (Get-LabObstacle) {
            $output = & $pwsh -NoProfile -NonInteractive -File $script 2>&1 | Out-String
        }
        else {
            $place = New-LabNamespace
            try {
                $result = Invoke-LabCommand $place $pwsh -NoProfile -NonInteractive -File $script
                $output = $result.Output + $result.Error
            }
            finally { Remove-LabNamespace $place }
        }

        foreach ($promise in [regex]::Matches($Code, '# prints: (.*)')) {
            $output | Should -Match ([regex]::Escape($promise.Groups[1].Value.Trim()))
        }
        $output | Should -Not -Match 'Exception|^Error|: error'
    }
}
