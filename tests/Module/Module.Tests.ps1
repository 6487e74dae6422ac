. $PSScriptRoot/common.ps1

BeforeDiscovery {
    $commands = (Get-Command -Module TcpTools).Name | Sort-Object | ForEach-Object { @{ Command = $_ } }
}

Describe 'The module' {
    BeforeAll {
        $module = Get-Module TcpTools
        $cmdlets = $module.ImplementingAssembly ?? [AppDomain]::CurrentDomain.GetAssemblies().Where({ $_.GetName().Name -eq 'TcpTools' })[0]
        $types = $cmdlets.GetExportedTypes().Where({ -not $_.IsAbstract -and $_.IsDefined([System.Management.Automation.CmdletAttribute], $false) })
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
    }

    It 'exports exactly the cmdlets that it has' {
        $named = (Import-PowerShellDataFile $ModuleManifest).CmdletsToExport | Sort-Object
        $present = $types | ForEach-Object {
            $attribute = $_.GetCustomAttributes([System.Management.Automation.CmdletAttribute], $false)[0]
            "$($attribute.VerbName)-$($attribute.NounName)"
        } | Sort-Object
        $named | Should -Be $present
        $module.ExportedCommands.Keys | Sort-Object | Should -Be $present
    }

    It 'uses approved verbs only, and warns of nothing' {
        $approved = (Get-Verb).Verb
        Get-Command -Module TcpTools | Where-Object Verb -NotIn $approved | Should -BeNullOrEmpty
        $output = & $pwsh -NoProfile -NonInteractive -Command "Import-Module '$ModuleManifest'" 3>&1 2>&1
        $output | Should -BeNullOrEmpty
    }

    It 'has a valid manifest' { (Test-ModuleManifest $ModuleManifest).Name | Should -Be TcpTools }

    It '<Command> has an output type, and ends Get-Help with more than a syntax line' -ForEach $commands {
        (Get-Command $Command).OutputType.Name | Should -Not -BeNullOrEmpty
        (Get-Command $Command).DefaultParameterSet | Should -Not -Be ''
    }

    It 'has a table and a list for what <Command> writes' -ForEach $commands {
        foreach ($type in (Get-Command $Command).OutputType.Name | Where-Object { $_ -like 'TcpTools.*' }) {
            $views = (Get-FormatData $type).FormatViewDefinition.Control
            $views | Where-Object { $_ -is [System.Management.Automation.TableControl] } | Should -Not -BeNullOrEmpty -Because $type
            $views | Where-Object { $_ -is [System.Management.Automation.ListControl] } | Should -Not -BeNullOrEmpty -Because $type
        }
    }

    It 'gives each column a width' {
        foreach ($file in (Import-PowerShellDataFile $ModuleManifest).FormatsToProcess) {
            $format = [xml] (Get-Content -Raw (Join-Path (Split-Path $ModuleManifest) $file))
            $format.SelectNodes('//TableColumnHeader[not(Width)]').Count | Should -Be 0 -Because $file
            foreach ($name in $format.SelectNodes('//TypeName').InnerText | Sort-Object -Unique) {
                $name -as [type] | Should -Not -BeNullOrEmpty -Because "$name has a view"
            }
        }
    }

    It 'has text files without a mark at the start and without trailing blanks' {
        $root = Split-Path $ModuleManifest
        $files = @(Get-Item $ModuleManifest) + @(Get-ChildItem "$root/module/*.ps1xml", "$root/tests/Module/*.ps1", "$root/docs/en-US/*.md")
        foreach ($file in $files) {
            $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
            $bytes[0] | Should -Not -Be 0xEF -Because $file.Name
            $text = [System.Text.Encoding]::UTF8.GetString($bytes)
            $text | Should -Not -Match '[ \t]+\n' -Because $file.Name
            $text | Should -Not -Match '\r' -Because $file.Name
        }
    }

    It 'stops this runspace''s stacks when it is removed, and can be imported again' {
        $script = @"
Import-Module '$ModuleManifest'
`$wire = New-PacketWire
`$a = Start-TcpStack -Link `$wire.A
`$b = Start-TcpStack -Link `$wire.B
`$null = Start-TcpListener 80 -Stack `$b
`$session = Open-TcpSession 10.0.0.2 80 -Stack `$a
Remove-Module TcpTools
"`$(`$a.State) `$(`$b.State) `$(`$session.State)"
Import-Module '$ModuleManifest'
@(Get-TcpStack).Count
Import-Module '$ModuleManifest' -Force
`$null = Start-TcpStack -Link (New-PacketWire).A
(Get-Command -Module TcpTools).Count
(Get-TcpStack).State
"@
        $path = Join-Path $TestDrive removal.ps1
        Set-Content $path $script
        $output = & $pwsh -NoProfile -NonInteractive -File $path 2>&1
        $output | Should -Be 'Stopped Stopped Closed', 0, (Get-Command -Module TcpTools).Count, Running
    }

    It 'tells peers by a reset when pwsh ends by <Signal>' -Tag Root -Skip:([bool]$RootObstacle) -ForEach @(@{ Signal = 'TERM' }, @{ Signal = 'HUP' }, @{ Signal = 'KILL' }) {
        . $PSScriptRoot/../Lab/Lab.ps1
        $place = New-LabNamespace
        try {
            $null = Start-LabServer $place 0.0.0.0 7 Sink
            $ready = Join-Path $TestDrive "ready$Signal"
            $script = "Import-Module '$ModuleManifest'; `$null = Start-TcpStack 10.98.0.2/24; `$null = Open-TcpSession 10.98.0.1 7; Set-Content '$ready' ok; Start-Sleep 60"
            $process = Start-LabProcess $place $pwsh -NoProfile -NonInteractive -Command $script
            $limit = [System.Diagnostics.Stopwatch]::StartNew()
            while (-not (Test-Path $ready) -and $limit.Elapsed.TotalSeconds -lt 20) { Start-Sleep -Milliseconds 50 }
            $ready | Should -Exist
            (Invoke-LabCommand $place ip -brief link).Output | Should -Match tcptools0
            $null = Invoke-LabCommand $place pkill "-$Signal" -f $ready
            while (-not $process.HasExited -and $limit.Elapsed.TotalSeconds -lt 30) { Start-Sleep -Milliseconds 20 }
            $process.HasExited | Should -BeTrue
            (Invoke-LabCommand $place ip -brief link).Output | Should -Not -Match tcptools0
            if ($Signal -ne 'KILL') {
                (Invoke-LabCommand $place ss -Htn state established).Output | Should -Not -Match '10\.98\.0\.2'
            }
        }
        finally { Remove-LabNamespace $place }
    }

    It 'keeps one default stack for each runspace' {
        $null = New-TestPair
        $shell = New-TestShell '@(Get-TcpStack).Count; $null = Start-TcpStack -Link (New-PacketWire).A -Name other; (Get-TcpStack -Default).Name; Get-TcpStack | Stop-TcpStack'
        $shell.Invoke() | Should -Be 0, other
        $shell.Dispose()
        (Get-TcpStack -Default).Name | Should -Be client
        Remove-TestStack
    }
}
