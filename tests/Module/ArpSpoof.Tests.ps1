. $PSScriptRoot/common.ps1

BeforeDiscovery {
    . $PSScriptRoot/conditions.ps1
    $obstacle = Get-LabObstacle
    if ($obstacle) { Write-Host "skipped: what the kernel believes of ARP: $obstacle" }
}

Describe 'Start-ArpSpoof' {
    AfterEach {
        Get-ArpSpoof | Stop-ArpSpoof
        Remove-TestStack
    }

    It 'refuses what could not be undone or is told to nobody' {
        $wire = New-PacketWire -Ethernet
        $null = Start-TcpStack 10.7.0.1/24 -Link $wire.A -Virtual
        Get-ErrorId { Start-ArpSpoof 10.7.0.2 -Link $wire.B } | Should -Be InvalidArgument
        Get-ErrorId { Start-ArpSpoof 10.7.0.9 10.7.0.1 -Link $wire.B } | Should -Be Unreachable
        $plain = New-PacketWire
        Get-ErrorId { Start-ArpSpoof 10.7.0.9 10.7.0.1 -Link $plain.B } | Should -Be InvalidArgument
        @(Get-ArpSpoof).Count | Should -Be 0
    }
}

Describe 'What the kernel believes' -Tag Root -Skip:([bool] $obstacle) {
    BeforeAll {
        . $PSScriptRoot/conditions.ps1
        $bridge, $alice, $bob, $mallory = 1..4 | ForEach-Object { New-LabNamespace }
        $null = Invoke-LabCommand $bridge ip link add br0 type bridge
        $null = Invoke-LabCommand $bridge ip link set br0 up
        foreach ($side in @($alice, '10.8.0.1/24', 'port1'), @($bob, '10.8.0.2/24', 'port2'), @($mallory, '10.8.0.3/24', 'port3')) {
            ip link add eth0 netns $side[0].Name type veth peer name $side[2] netns $bridge.Name
            $side[0].SetAddress('eth0', $side[1])
            $null = Invoke-LabCommand $bridge ip link set $side[2] master br0 up
        }

        function Get-Mac($Place) { ((Invoke-LabCommand $Place ip -o link show eth0).Output -replace '(?s).*link/ether (\S+).*', '$1').Trim() }
        function Get-Belief($Place, $Address) { ((Invoke-LabCommand $Place ip neigh show $Address).Output -replace '(?s).*lladdr (\S+).*', '$1').Trim() }
        function Wait-Belief($Place, $Address, $Mac) {
            [TcpTools.Lab.Tool]::Until({ (Get-Belief $Place $Address) -eq $Mac }, [timespan]::FromSeconds(20)) | Should -BeTrue -Because "it is $(Get-Belief $Place $Address), not $Mac"
        }

        $truth = Get-Mac $bob
        $lie = Get-Mac $mallory
        $pwsh = (Test-Path "$PSHOME/pwsh") ? "$PSHOME/pwsh" : 'pwsh'
        # A shell on the third host that spoofs, and then ends in some way.
        function Start-Spoofer([string] $End, [string] $Parameters = '') {
            $script = Join-Path $TestDrive 'spoofer.ps1'
            Set-Content $script "Import-Module '$ModuleManifest'; `$null = Start-ArpSpoof 10.8.0.2 10.8.0.1 -Link eth0 $Parameters; [Console]::Out.WriteLine('told'); $End"
            $process = Start-LabProcess $mallory $pwsh -NoProfile -NonInteractive -File $script
            Wait-Belief $alice 10.8.0.2 $lie
            $process
        }
    }

    AfterAll { $alice, $bob, $mallory, $bridge | Remove-LabNamespace }

    BeforeEach { $null = Invoke-LabCommand $alice ping -c 1 -W 10 10.8.0.2 }
    AfterEach { Get-ArpSpoof | Stop-ArpSpoof }

    It 'is what it is told, until Stop-ArpSpoof' {
        $spoof = Start-ArpSpoof 10.8.0.2 10.8.0.1 -Link eth0 -NetworkNamespace $mallory.Name -Name test
        (Get-ArpSpoof test).HardwareAddress.ToString() | Should -Be $lie
        ($spoof.Hosts | Where-Object Address -eq '10.8.0.2').HardwareAddress.ToString() | Should -Be $truth
        Wait-Belief $alice 10.8.0.2 $lie
        ($spoof | Format-Table | Out-String) | Should -Match '10.8.0.1'
        ($spoof | Stop-ArpSpoof -PassThru).IsRunning | Should -BeFalse
        Get-Belief $alice 10.8.0.2 | Should -Be $truth
        @(Get-ArpSpoof).Count | Should -Be 0
    }

    It 'is the truth again after the end of the process' {
        $process = Start-Spoofer ''
        $process.WaitForExit([timespan]::FromSeconds(30)) | Should -BeTrue
        Wait-Belief $alice 10.8.0.2 $truth
    }

    It 'is the truth again after SIGTERM' {
        $process = Start-Spoofer '[Console]::In.ReadLine()'
        $process.Signal('TERM')
        $process.WaitForExit([timespan]::FromSeconds(30)) | Should -BeTrue
        Wait-Belief $alice 10.8.0.2 $truth
    }

    It 'is the truth again after the module is removed' {
        $process = Start-Spoofer "Remove-Module TcpTools; [Console]::In.ReadLine()"
        Wait-Belief $alice 10.8.0.2 $truth
        $process.Dispose()
    }

    It 'is the truth again after Ctrl+C' {
        $shell = New-TestShell '$null = Start-ArpSpoof 10.8.0.2 10.8.0.1 -Link eth0 -NetworkNamespace $args[0] -Wait' @($mallory.Name)
        try {
            $null = $shell.BeginInvoke()
            Wait-Belief $alice 10.8.0.2 $lie
            $shell.Stop()
            Get-Belief $alice 10.8.0.2 | Should -Be $truth
        }
        finally { $shell.Dispose() }
    }
}
